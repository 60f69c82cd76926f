import { encodeBase58 } from '../../src/accounts/base58.ts';
import {
  decodeMeteoraDammV2Pool,
  METEORA_DAMM_V2_PROGRAM,
} from '../../src/accounts/meteora-damm-v2-account.ts';
import {
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  METEORA_DLMM_PROGRAM,
  toMeteoraDlmmPool,
} from '../../src/accounts/meteora-dlmm-accounts.ts';
import {
  decodeRaydiumAmmV4Pool,
  RAYDIUM_AMM_V4_PROGRAM,
  toRaydiumAmmV4Pool,
} from '../../src/accounts/raydium-amm-v4-account.ts';
import {
  decodeRaydiumClmmConfig,
  decodeRaydiumClmmPool,
  decodeRaydiumClmmTickArray,
  RAYDIUM_CLMM_PROGRAM,
  toRaydiumClmmPool,
} from '../../src/accounts/raydium-clmm-accounts.ts';
import {
  decodeRaydiumAmmConfig,
  decodeRaydiumCpmmPool,
  RAYDIUM_CPMM_PROGRAM,
  toRaydiumCpmmPool,
} from '../../src/accounts/raydium-cpmm-accounts.ts';
import { decodeTokenAccount } from '../../src/accounts/token-accounts.ts';
import type { Pool } from '../../src/pool.ts';

/** What an instruction asks of a pool, base units. */
export interface RecordedSwap {
  readonly swapMode: 'exactIn' | 'exactOut' | 'partialFill';
  /** In for an exact input and a partial fill, out for an exact output. */
  readonly amount: bigint;
  /** Least out or most in; null where the instruction bounds the price instead. */
  readonly limit: bigint | null;
}

/** Accounts of a recorded case as they are before a swap. */
export interface RecordedState {
  /** An account by its name in the recording. @throws {Error} There is none. */
  readonly read: (name: string) => Uint8Array;
  /** Bin or tick arrays that the swap names. */
  readonly arrays: readonly Uint8Array[];
}

/** How the recordings of one program are read. Names are those that the recording gives its accounts. */
export interface RecordedKind {
  /** What stands behind `user` and `mint` for token 0 and token 1. */
  readonly sides: readonly [string, string];
  /** Error codes by which the program holds a swap's limit. */
  readonly limitCodes: readonly number[];
  /** Null for an instruction whose amounts no quote knows. */
  readonly swapOf: (data: Buffer) => RecordedSwap | null;
  readonly poolOf: (state: RecordedState) => Pool;
  /** Whether the pool lets this wallet swap before it opens, which quotes do not know. */
  readonly isOpenEarlyTo?: (pool: Uint8Array, wallet: string) => boolean;
}

type Shape = (data: Buffer) => RecordedSwap | null;
const exactIn: Shape = (data) => ({ swapMode: 'exactIn', amount: u64(data, 8), limit: u64(data, 16) });
const exactOut: Shape = (data) => ({ swapMode: 'exactOut', amount: u64(data, 16), limit: u64(data, 8) });
const u64 = (data: Buffer, offset: number): bigint => data.readBigUInt64LE(offset);

/** By the first eight bytes of the instruction, as Anchor derives them from its name. */
const named = (shapes: Readonly<Record<string, Shape>>) => (data: Buffer) =>
  shapes[data.subarray(0, 8).toString('hex')]?.(data) ?? null;

const amountsOf = ({ read }: RecordedState, names: readonly [string, string]) => {
  const [first, second] = names.map((name) => decodeTokenAccount(read(name)).amount);
  return [first!, second!] as const;
};

export const RECORDED_KINDS: Readonly<Record<string, RecordedKind>> = {
  [RAYDIUM_CPMM_PROGRAM]: {
    sides: ['0', '1'],
    limitCodes: [6005],
    swapOf: named({ '8fbe5adac41e33de': exactIn, '37d96256a34ab4ad': exactOut }),
    poolOf: (state) =>
      toRaydiumCpmmPool({
        pool: decodeRaydiumCpmmPool(state.read('pool')),
        config: decodeRaydiumAmmConfig(state.read('config')),
        vaultAmounts: amountsOf(state, ['vault0', 'vault1']),
      }),
  },
  [RAYDIUM_AMM_V4_PROGRAM]: {
    sides: ['Coin', 'Pc'],
    limitCodes: [30],
    swapOf: (data) => ammV4Swap(data),
    poolOf: (state) =>
      toRaydiumAmmV4Pool({
        pool: decodeRaydiumAmmV4Pool(state.read('pool')),
        vaultAmounts: amountsOf(state, ['coinVault', 'pcVault']),
      }),
  },
  [RAYDIUM_CLMM_PROGRAM]: {
    sides: ['0', '1'],
    limitCodes: [6022, 6023],
    swapOf: named({ '2b04ed0b1ac91e62': clmmSwap }),
    poolOf: ({ read, arrays }) =>
      toRaydiumClmmPool({
        pool: decodeRaydiumClmmPool(read('pool')),
        config: decodeRaydiumClmmConfig(read('config')),
        tickArrays: arrays.map(decodeRaydiumClmmTickArray),
      }),
  },
  [METEORA_DAMM_V2_PROGRAM]: {
    sides: ['A', 'B'],
    limitCodes: [6002],
    swapOf: named({ f8c69e91e17587c8: exactIn, '414b3f4ceb5b5b88': dammSwap2 }),
    poolOf: ({ read }) => decodeMeteoraDammV2Pool(read('pool')).pool,
  },
  [METEORA_DLMM_PROGRAM]: {
    sides: ['X', 'Y'],
    limitCodes: [6003],
    swapOf: named({
      f8c69e91e17587c8: exactIn,
      '414b3f4ceb5b5b88': exactIn,
      fa49652126cf4bb8: exactOut,
      '2bd7f784893cf351': exactOut,
      '38ade6d0ade49ccd': priceImpact,
      '4a62c0d6b1334b33': priceImpact,
    }),
    poolOf: ({ read, arrays }) =>
      toMeteoraDlmmPool({
        pool: decodeMeteoraDlmmPool(read('pool')),
        binArrays: arrays.map(decodeMeteoraDlmmBinArray),
      }),
    isOpenEarlyTo: (pool, wallet) => encodeBase58(pool.subarray(752, 784)) === wallet,
  },
};

/** One byte says which of the four swaps it is; its amounts follow. */
function ammV4Swap(data: Buffer): RecordedSwap | null {
  const shape = { 9: exactIn, 16: exactIn, 11: exactOut, 17: exactOut }[data[0]!];
  return shape?.(Buffer.concat([Buffer.alloc(7), data])) ?? null;
}

/** Amount, limit, limit of the price, and whether the amount is the input. With a limit of the price it may fill in part. */
function clmmSwap(data: Buffer): RecordedSwap | null {
  if (u64(data, 24) !== 0n || u64(data, 32) !== 0n) return null;
  const swapMode = data[40] === 1 ? 'exactIn' : 'exactOut';
  return { swapMode, amount: u64(data, 8), limit: u64(data, 16) };
}

function dammSwap2(data: Buffer): RecordedSwap | null {
  const swapMode = (['exactIn', 'partialFill', 'exactOut'] as const)[data[24]!];
  return swapMode ? { swapMode, amount: u64(data, 8), limit: u64(data, 16) } : null;
}

function priceImpact(data: Buffer): RecordedSwap {
  return { swapMode: 'exactIn', amount: u64(data, 8), limit: null };
}
