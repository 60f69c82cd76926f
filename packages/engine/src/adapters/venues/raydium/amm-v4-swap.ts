import { RAYDIUM_AMM_V4_PROGRAM } from '@oee/amm';
import { TOKEN_PROGRAM } from '@oee/solana';
import type { AccountUse, Instruction } from '../../../ports/chain.ts';
import type { InspectedSwap, SwapInspector } from '../../../ports/swap-inspector.ts';
import type { LegSwap } from '../../../ports/venue.ts';
import { authority, readonly, writable } from '../account-use.ts';
import type { PoolAddresses } from '../pool-program.ts';

/** PDA of the seed "amm authority"; owns the vaults of every pool. */
export const RAYDIUM_AMM_V4_AUTHORITY = '5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1';

// raydium-io/raydium-amm, program/src/instruction.rs: a tag, and two amounts.
const SWAP_BASE_IN_V2 = 16;
const SWAP_BASE_OUT_V2 = 17;
const DATA_LENGTH = 17;
const ACCOUNT_COUNT = 8;

/**
 * `swap_base_in_v2` or `swap_base_out_v2`, which need no account of an order book. The program reads the direction from
 * the mints of the two token accounts.
 */
export function ammV4SwapInstruction(
  { pool, vaults }: PoolAddresses,
  swap: Omit<LegSwap, 'leg'>,
): Instruction {
  const data = Buffer.alloc(DATA_LENGTH);
  data[0] = swap.swapMode === 'exactOut' ? SWAP_BASE_OUT_V2 : SWAP_BASE_IN_V2;
  data.writeBigUInt64LE(swap.amountIn, 1);
  data.writeBigUInt64LE(swap.amountOut, 9);
  return {
    programAddress: RAYDIUM_AMM_V4_PROGRAM,
    accounts: [
      readonly(TOKEN_PROGRAM),
      writable(pool),
      readonly(RAYDIUM_AMM_V4_AUTHORITY),
      writable(vaults[0]),
      writable(vaults[1]),
      writable(swap.tokenAccountIn),
      writable(swap.tokenAccountOut),
      authority(swap.payer),
    ],
    data,
  };
}

/** Reads back what `ammV4SwapInstruction` wrote: the most input first, the least output second. It names no mint. */
export const ammV4SwapInspector: SwapInspector = {
  programAddress: RAYDIUM_AMM_V4_PROGRAM,
  inspect({ programAddress, accounts, data: bytes }: Instruction): InspectedSwap | null {
    const data = Buffer.from(bytes);
    if (programAddress !== RAYDIUM_AMM_V4_PROGRAM) return null;
    if (data.length !== DATA_LENGTH || accounts.length !== ACCOUNT_COUNT) return null;
    if (data[0] !== SWAP_BASE_IN_V2 && data[0] !== SWAP_BASE_OUT_V2) return null;
    const address = (index: number) => (accounts[index] as AccountUse).address;
    if (address(0) !== TOKEN_PROGRAM) return null;
    return {
      pool: address(1),
      tokens: null,
      authority: address(7),
      source: address(5),
      destination: address(6),
      maxIn: data.readBigUInt64LE(1),
      minOut: data.readBigUInt64LE(9),
    };
  },
};
