import { DLMM_BINS_PER_ARRAY, METEORA_DLMM_PROGRAM } from '@oee/amm';
import { MEMO_PROGRAM } from '@oee/solana';
import { toMint } from '../../../domain/token.ts';
import type { AccountUse, Instruction } from '../../../ports/chain.ts';
import type { InspectedSwap, SwapInspector } from '../../../ports/swap-inspector.ts';
import type { LegSwap } from '../../../ports/venue.ts';
import { authority, readonly, writable } from '../account-use.ts';
import type { PoolAddresses } from '../pool-program.ts';

/** PDA of the seed "__event_authority". */
export const METEORA_DLMM_EVENT_AUTHORITY = 'D1ZN9Wj1fRSUQfCjhvnu1hqDMT7hzjzBBpi12nVniYD6';

// swap2 and swap_exact_out2 in the interface description of the ISC-licensed npm package @meteora-ag/dlmm.
const SWAP2 = '414b3f4ceb5b5b88';
const SWAP_EXACT_OUT2 = '2bd7f784893cf351';
/** Discriminator, two amounts, and the length of an empty list of accounts for transfer hooks. */
const DATA_LENGTH = 28;
const FIXED_ACCOUNT_COUNT = 16;

/** Bin arrays that a swap can trade in: the one at the price and the next two. */
export const DLMM_ARRAYS_AHEAD = 3;
/** Bin arrays behind the price that a swap names too, since the price may move the other way before it runs. */
const ARRAYS_BEHIND = 1;

/** Addresses of a pool that a swap names. */
export interface DlmmPoolAddresses extends PoolAddresses {
  readonly tokenPrograms: readonly [string, string];
  readonly oracle: string;
  /** Holds which far bin arrays exist; null where every array that a swap may trade in is a near one. */
  readonly bitmapExtension: string | null;
  /** The bin arrays that quotes read and swaps may trade in, ascending. */
  readonly binArrays: readonly BinArrayAddress[];
}

export interface BinArrayAddress {
  readonly index: number;
  readonly address: string;
}

/**
 * The program reads the direction from the mint of the paying token account. It takes the bin arrays in the order in
 * which the price passes them, and skips those that it does not need.
 *
 * @param activeId The bin that trades now; if it is unknown, the swap names as many arrays as it may need.
 */
export function dlmmSwapInstruction(
  addresses: DlmmPoolAddresses,
  swap: LegSwap,
  activeId?: number,
): Instruction {
  const { bitmapExtension } = addresses;
  const isFalling = addresses.mints[0] === swap.leg.tokenIn.mint;
  return {
    programAddress: METEORA_DLMM_PROGRAM,
    accounts: [
      writable(addresses.pool),
      bitmapExtension === null ? readonly(METEORA_DLMM_PROGRAM) : writable(bitmapExtension),
      writable(addresses.vaults[0]),
      writable(addresses.vaults[1]),
      writable(swap.tokenAccountIn),
      writable(swap.tokenAccountOut),
      readonly(addresses.mints[0]),
      readonly(addresses.mints[1]),
      writable(addresses.oracle),
      readonly(METEORA_DLMM_PROGRAM), // No host fee.
      authority(swap.payer),
      readonly(addresses.tokenPrograms[0]),
      readonly(addresses.tokenPrograms[1]),
      readonly(MEMO_PROGRAM),
      readonly(METEORA_DLMM_EVENT_AUTHORITY),
      readonly(METEORA_DLMM_PROGRAM),
      ...passedArrays(addresses.binArrays, isFalling, activeId).map(({ address }) => writable(address)),
    ],
    data: swapData(swap),
  };
}

function passedArrays(
  arrays: readonly BinArrayAddress[],
  isFalling: boolean,
  activeId: number | undefined,
): readonly BinArrayAddress[] {
  const passed = isFalling ? [...arrays].reverse() : arrays;
  const count = ARRAYS_BEHIND + DLMM_ARRAYS_AHEAD;
  if (activeId === undefined) return passed.slice(-count);
  const active = Math.floor(activeId / DLMM_BINS_PER_ARRAY);
  const first = passed.findIndex(({ index }) => (isFalling ? index <= active : index >= active));
  const start = first < 0 ? passed.length - ARRAYS_BEHIND : Math.max(0, first - ARRAYS_BEHIND);
  return passed.slice(start, first < 0 ? undefined : first + DLMM_ARRAYS_AHEAD);
}

function swapData(swap: LegSwap): Uint8Array {
  const data = Buffer.alloc(DATA_LENGTH);
  data.write(swap.swapMode === 'exactOut' ? SWAP_EXACT_OUT2 : SWAP2, 'hex');
  data.writeBigUInt64LE(swap.amountIn, 8);
  data.writeBigUInt64LE(swap.amountOut, 16);
  return data;
}

/** Reads back what `dlmmSwapInstruction` wrote: the most input first, the least output second; no host fee. */
export const dlmmSwapInspector: SwapInspector = {
  programAddress: METEORA_DLMM_PROGRAM,
  inspect(instruction: Instruction): InspectedSwap | null {
    const { accounts } = instruction;
    const data = Buffer.from(instruction.data);
    if (instruction.programAddress !== METEORA_DLMM_PROGRAM) return null;
    if (data.length !== DATA_LENGTH || data.readUInt32LE(24) !== 0) return null;
    if (![SWAP2, SWAP_EXACT_OUT2].includes(data.toString('hex', 0, 8))) return null;
    if (accounts.length <= FIXED_ACCOUNT_COUNT) return null;
    const address = (index: number) => (accounts[index] as AccountUse).address;
    if (address(9) !== METEORA_DLMM_PROGRAM) return null;
    return {
      pool: address(0),
      tokens: [
        { mint: toMint(address(6)), tokenProgram: address(11), vault: address(2) },
        { mint: toMint(address(7)), tokenProgram: address(12), vault: address(3) },
      ],
      authority: address(10),
      source: address(4),
      destination: address(5),
      maxIn: data.readBigUInt64LE(8),
      minOut: data.readBigUInt64LE(16),
    };
  },
};
