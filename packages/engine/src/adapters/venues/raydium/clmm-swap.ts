import { RAYDIUM_CLMM_PROGRAM } from '@oee/amm';
import { MEMO_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import { toMint } from '../../../domain/token.ts';
import type { AccountUse, Instruction } from '../../../ports/chain.ts';
import type { InspectedSwap, SwapInspector } from '../../../ports/swap-inspector.ts';
import type { LegSwap } from '../../../ports/venue.ts';
import { authority, readonly, writable } from '../account-use.ts';
import type { PoolAddresses } from '../pool-program.ts';

// Anchor discriminator of raydium-io/raydium-clmm, programs/amm/src/instructions/swap_v2.rs.
const SWAP_V2 = '2b04ed0b1ac91e62';
/** Discriminator, amount, other amount's limit, limit of the price, and which side is exact. */
const DATA_LENGTH = 41;
const FIXED_ACCOUNT_COUNT = 13;

/** Addresses of a pool that a swap names. */
export interface ClmmPoolAddresses extends PoolAddresses {
  readonly ammConfig: string;
  readonly observation: string;
  /** Holds which far tick arrays exist; null where every array that a swap may trade in is a near one. */
  readonly bitmapExtension: string | null;
  /** The tick arrays that quotes read and swaps may trade in, ascending. */
  readonly tickArrays: readonly TickArrayAddress[];
}

export interface TickArrayAddress {
  readonly startTick: number;
  readonly address: string;
}

/**
 * `swap_v2`. The input side comes first, and the tick arrays in the order in which the price passes them; the program
 * skips those behind the price. Without a price limit it fails instead of filling a part.
 */
export function clmmSwapInstruction(addresses: ClmmPoolAddresses, swap: LegSwap): Instruction {
  const { mints, vaults, bitmapExtension, tickArrays } = addresses;
  const isFalling = mints[0] === swap.leg.tokenIn.mint;
  const [input, output] = isFalling ? ([0, 1] as const) : ([1, 0] as const);
  const passed = isFalling ? [...tickArrays].reverse() : tickArrays;
  return {
    programAddress: RAYDIUM_CLMM_PROGRAM,
    accounts: [
      authority(swap.payer),
      readonly(addresses.ammConfig),
      writable(addresses.pool),
      writable(swap.tokenAccountIn),
      writable(swap.tokenAccountOut),
      writable(vaults[input]),
      writable(vaults[output]),
      writable(addresses.observation),
      readonly(TOKEN_PROGRAM),
      readonly(TOKEN_2022_PROGRAM),
      readonly(MEMO_PROGRAM),
      readonly(mints[input]),
      readonly(mints[output]),
      ...(bitmapExtension === null ? [] : [writable(bitmapExtension)]),
      ...passed.map(({ address }) => writable(address)),
    ],
    data: swapData(swap),
  };
}

function swapData(swap: LegSwap): Uint8Array {
  const isExactIn = swap.swapMode !== 'exactOut';
  const data = Buffer.alloc(DATA_LENGTH);
  data.write(SWAP_V2, 'hex');
  // The fixed side comes first, the limit of the other side second.
  data.writeBigUInt64LE(isExactIn ? swap.amountIn : swap.amountOut, 8);
  data.writeBigUInt64LE(isExactIn ? swap.amountOut : swap.amountIn, 16);
  data[40] = isExactIn ? 1 : 0;
  return data;
}

/**
 * Reads back an instruction of `clmmSwapInstruction`. One with a price limit is not recognized, since it could fill a
 * part.
 */
export const clmmSwapInspector: SwapInspector = {
  programAddress: RAYDIUM_CLMM_PROGRAM,
  inspect({ programAddress, accounts, data: bytes }: Instruction): InspectedSwap | null {
    const data = Buffer.from(bytes);
    if (programAddress !== RAYDIUM_CLMM_PROGRAM) return null;
    if (data.length !== DATA_LENGTH || accounts.length <= FIXED_ACCOUNT_COUNT) return null;
    if (data.toString('hex', 0, 8) !== SWAP_V2 || data[40]! > 1) return null;
    if (data.readBigUInt64LE(24) !== 0n || data.readBigUInt64LE(32) !== 0n) return null;
    const address = (index: number) => (accounts[index] as AccountUse).address;
    const programs = [address(8), address(9), address(10)];
    if (programs.join() !== [TOKEN_PROGRAM, TOKEN_2022_PROGRAM, MEMO_PROGRAM].join()) return null;
    const [first, second] = [data.readBigUInt64LE(8), data.readBigUInt64LE(16)];
    const isExactIn = data[40] === 1;
    return {
      pool: address(2),
      tokens: [
        { mint: toMint(address(11)), tokenProgram: null, vault: address(5) },
        { mint: toMint(address(12)), tokenProgram: null, vault: address(6) },
      ],
      authority: address(0),
      source: address(3),
      destination: address(4),
      maxIn: isExactIn ? first : second,
      minOut: isExactIn ? second : first,
    };
  },
};
