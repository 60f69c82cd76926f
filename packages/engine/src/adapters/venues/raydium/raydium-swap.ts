import { RAYDIUM_CPMM_PROGRAM } from '@oee/amm';
import { toMint } from '../../../domain/token.ts';
import type { AccountUse, Instruction } from '../../../ports/chain.ts';
import type { InspectedSwap, SwapInspector } from '../../../ports/swap-inspector.ts';
import type { LegSwap } from '../../../ports/venue.ts';
import { authority, readonly, writable } from '../account-use.ts';
import type { PoolAddresses } from '../pool-program.ts';

/** PDA of the seed "vault_and_lp_mint_auth_seed"; owns the vaults of every pool. */
export const RAYDIUM_CPMM_AUTHORITY = 'GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL';

// Anchor discriminators of raydium-io/raydium-cp-swap.
const SWAP_BASE_INPUT = '8fbe5adac41e33de';
const SWAP_BASE_OUTPUT = '37d96256a34ab4ad';
const DATA_LENGTH = 24;
const ACCOUNT_COUNT = 13;

/** Addresses of a pool that a swap names; they never change. */
export interface RaydiumPoolAddresses extends PoolAddresses {
  readonly tokenPrograms: readonly [string, string];
  readonly ammConfig: string;
  readonly observation: string;
}

/** `swap_base_input` or `swap_base_output`: programs/cp-swap/src/instructions of raydium-io/raydium-cp-swap. */
export function raydiumSwapInstruction(addresses: RaydiumPoolAddresses, swap: LegSwap): Instruction {
  const input = addresses.mints[0] === swap.leg.tokenIn.mint ? 0 : 1;
  const output = input === 0 ? 1 : 0;
  return {
    programAddress: RAYDIUM_CPMM_PROGRAM,
    accounts: [
      authority(swap.payer),
      readonly(RAYDIUM_CPMM_AUTHORITY),
      readonly(addresses.ammConfig),
      writable(addresses.pool),
      writable(swap.tokenAccountIn),
      writable(swap.tokenAccountOut),
      writable(addresses.vaults[input]),
      writable(addresses.vaults[output]),
      readonly(addresses.tokenPrograms[input]),
      readonly(addresses.tokenPrograms[output]),
      readonly(addresses.mints[input]),
      readonly(addresses.mints[output]),
      writable(addresses.observation),
    ],
    data: swapData(swap),
  };
}

function swapData(swap: LegSwap): Uint8Array {
  const data = Buffer.alloc(DATA_LENGTH);
  data.write(swap.swapMode === 'exactOut' ? SWAP_BASE_OUTPUT : SWAP_BASE_INPUT, 'hex');
  data.writeBigUInt64LE(swap.amountIn, 8);
  data.writeBigUInt64LE(swap.amountOut, 16);
  return data;
}

/** Reads back what `raydiumSwapInstruction` wrote. Both kinds hold the most input first and the least output second. */
export const raydiumSwapInspector: SwapInspector = {
  programAddress: RAYDIUM_CPMM_PROGRAM,
  inspect(instruction: Instruction): InspectedSwap | null {
    const { accounts } = instruction;
    const data = Buffer.from(instruction.data);
    if (instruction.programAddress !== RAYDIUM_CPMM_PROGRAM) return null;
    if (data.length !== DATA_LENGTH || accounts.length !== ACCOUNT_COUNT) return null;
    if (![SWAP_BASE_INPUT, SWAP_BASE_OUTPUT].includes(data.toString('hex', 0, 8))) return null;
    const address = (index: number) => (accounts[index] as AccountUse).address;
    return {
      pool: address(3),
      tokens: [
        { mint: toMint(address(10)), tokenProgram: address(8), vault: address(6) },
        { mint: toMint(address(11)), tokenProgram: address(9), vault: address(7) },
      ],
      authority: address(0),
      source: address(4),
      destination: address(5),
      maxIn: data.readBigUInt64LE(8),
      minOut: data.readBigUInt64LE(16),
    };
  },
};
