import { dlmmBinPrice } from '@oee/amm';
import { type AccountBytes, createAccountBytes } from './account-bytes.ts';

/**
 * The bytes of a DLMM pool's accounts. Layouts: the interface description inside `@meteora-ag/dlmm` (ISC), accounts
 * `LbPair`, `BinArray` and `Oracle`.
 */
const POOL_BYTES = 904;
const POOL_DISCRIMINATOR = Uint8Array.of(0x21, 0x0b, 0x31, 0x62, 0xb5, 0x65, 0xb1, 0x0d);
const POOL_REWARDS = 264;
const REWARD_BYTES = 144;
const BIN_ARRAY_BYTES = 10_136;
const BIN_ARRAY_DISCRIMINATOR = Uint8Array.of(0x5c, 0x8e, 0x5c, 0xdc, 0x05, 0x94, 0x46, 0xb5);
const EXTENSION_BYTES = 1_576;
const EXTENSION_DISCRIMINATOR = Uint8Array.of(0x50, 0x6f, 0x7c, 0x71, 0x37, 0xed, 0x12, 0x05);
const ORACLE_DISCRIMINATOR = Uint8Array.of(0x8b, 0xc2, 0x83, 0xb3, 0x8c, 0xb3, 0xe5, 0xf4);
const ORACLE_HEADER_BYTES = 32;
const OBSERVATION_BYTES = 32;
/** The number of observations of a new pool on mainnet. */
const OBSERVATIONS = 100;
export const BINS_PER_ARRAY = 70;
export const BIN_BYTES = 144;
const BITMAP_HALF = 512;
const U128_MAX = 2n ** 128n - 1n;
/** Natural logarithm of about the highest price that a pool of mainnet admits; the lowest is its inverse. */
const MOST_LOG_PRICE = 43.6482;

export interface DlmmAddresses {
  readonly pool: string;
  readonly mintX: string;
  readonly mintY: string;
  readonly vaultX: string;
  readonly vaultY: string;
  readonly oracle: string;
  readonly tokenProgramX: string;
  readonly tokenProgramY: string;
  /** By their index, which covers 70 bins each. */
  readonly binArrays: Readonly<Record<number, string>>;
}

export interface DlmmBinState {
  readonly id: number;
  /** Base units. */
  readonly x: bigint;
  readonly y: bigint;
  /** Q64.64; absent: the price of the id. A bin that has never been used has price 0. */
  readonly price?: bigint;
  /** Shares of its positions in Q64.64; absent: the bin's value in Y. */
  readonly liquidity?: bigint;
  /** Earnings of each reward per unit of liquidity, Q64.64. Limit orders use the same bytes. */
  readonly earned?: readonly [bigint, bigint];
  readonly orders?: DlmmBinOrders;
}

/** A reward that positions earn besides fees. */
export interface DlmmRewardState {
  /** A reward without a mint is none to clients. */
  readonly mint?: string;
  readonly vault: string;
  readonly funder: string;
  /** Seconds. */
  readonly duration: bigint;
  /** Unix seconds. */
  readonly end: bigint;
  /** Base units per second, Q64.64. */
  readonly rate: bigint;
  /** Unix seconds. */
  readonly lastUpdate: bigint;
  /** Seconds in which no position earned the reward. */
  readonly emptySeconds: bigint;
}

/** Limit orders of a bin, base units of X for asks and of Y for bids. */
export interface DlmmBinOrders {
  readonly side: 'ask' | 'bid';
  /** Orders without any fill. */
  readonly open: bigint;
  /** Orders that are being filled: their total, and the unfilled rest. */
  readonly processing: bigint;
  readonly processed: bigint;
  readonly age: number;
}

export interface DlmmPoolState {
  readonly activeId: number;
  /** Basis points between the prices of two bins. */
  readonly binStep: number;
  readonly baseFactor: number;
  readonly baseFeePowerFactor?: number;
  readonly variableFeeControl?: number;
  /** Seconds. */
  readonly filterPeriod?: number;
  /** Seconds. */
  readonly decayPeriod?: number;
  readonly reductionFactor?: number;
  readonly maxVolatilityAccumulator?: number;
  /** Ids that bound the price; absent: those of a pool with this step on mainnet. */
  readonly minBinId?: number;
  readonly maxBinId?: number;
  /** Basis points of the fee. */
  readonly protocolShare?: number;
  /** 0 undetermined, 1 rewards, 2 limit orders. */
  readonly functionType?: number;
  /** 0 on the input, 1 in Y. */
  readonly collectFeeMode?: number;
  readonly volatility?: {
    readonly accumulator: number;
    readonly reference: number;
    readonly indexReference: number;
    readonly lastUpdate: bigint;
  };
  /** 0 permissionless, 1 permissioned, 2 customizable, 3 permissionless of version 2. */
  readonly pairType?: number;
  /** 0 enabled, 1 disabled. */
  readonly status?: number;
  /** 0 by slot, 1 by time. */
  readonly activationType?: number;
  readonly activationPoint?: bigint;
  /** The account that may swap before the activation point, and how long before. */
  readonly preActivation?: { readonly address: string; readonly duration: bigint };
  /** Seed of the address of a pool that is not permissionless, besides its mints. */
  readonly baseKey?: string;
  readonly protocolFees?: readonly [bigint, bigint];
  /** At most two. */
  readonly rewards?: readonly (DlmmRewardState | null)[];
  readonly oracle?: DlmmOracleState;
  readonly bins: readonly DlmmBinState[];
}

export interface DlmmOracleState {
  readonly length: number;
  readonly index: number;
  readonly observations: readonly {
    readonly sum: bigint;
    readonly first: bigint;
    readonly last: bigint;
  }[];
}

export const dlmmArrayIndex = (binId: number): number => Math.floor(binId / BINS_PER_ARRAY);

export function dlmmPoolBytes(addresses: DlmmAddresses, state: DlmmPoolState, bump: number): Uint8Array {
  const { volatility, preActivation } = state;
  const mostId = Math.floor(MOST_LOG_PRICE / Math.log1p(state.binStep / 10_000));
  const data = createAccountBytes(POOL_BYTES)
    .raw(0, POOL_DISCRIMINATOR)
    .u16(8, state.baseFactor)
    .u16(10, state.filterPeriod ?? 0)
    .u16(12, state.decayPeriod ?? 0)
    .u16(14, state.reductionFactor ?? 0)
    .u32(16, state.variableFeeControl ?? 0)
    .u32(20, state.maxVolatilityAccumulator ?? 0)
    .u32(24, (state.minBinId ?? -mostId) >>> 0)
    .u32(28, (state.maxBinId ?? mostId) >>> 0)
    .u16(32, state.protocolShare ?? 0)
    .u8(34, state.baseFeePowerFactor ?? 0)
    .u8(35, state.functionType ?? 0)
    .u8(36, state.collectFeeMode ?? 0)
    .u32(40, volatility?.accumulator ?? 0)
    .u32(44, volatility?.reference ?? 0)
    .u32(48, (volatility?.indexReference ?? state.activeId) >>> 0)
    .u64(56, volatility?.lastUpdate ?? 0n)
    .u8(72, bump)
    .u16(73, state.binStep)
    .u8(75, state.pairType ?? 0)
    .u32(76, state.activeId >>> 0)
    .u16(80, state.binStep)
    .u8(82, state.status ?? 0)
    .u8(83, 1) // The address is made of the base factor too.
    .u16(84, state.baseFactor)
    .u8(86, state.activationType ?? 0)
    .address(88, addresses.mintX)
    .address(120, addresses.mintY)
    .address(152, addresses.vaultX)
    .address(184, addresses.vaultY)
    .u64(216, state.protocolFees?.[0] ?? 0n)
    .u64(224, state.protocolFees?.[1] ?? 0n)
    .address(552, addresses.oracle)
    .u64(816, state.activationPoint ?? 0n);
  if (preActivation) data.address(752, preActivation.address).u64(824, preActivation.duration);
  if (state.baseKey) data.address(784, state.baseKey);
  for (const [index, reward] of (state.rewards ?? []).entries())
    if (reward) setReward(data, POOL_REWARDS + index * REWARD_BYTES, reward);
  setBitmap(data.bytes, state);
  return data.bytes;
}

function setReward(data: AccountBytes, at: number, reward: DlmmRewardState): void {
  if (reward.mint) data.address(at, reward.mint);
  data
    .address(at + 32, reward.vault)
    .address(at + 64, reward.funder)
    .u64(at + 96, reward.duration)
    .u64(at + 104, reward.end)
    .u128(at + 112, reward.rate)
    .u64(at + 128, reward.lastUpdate)
    .u64(at + 136, reward.emptySeconds);
}

/** The pool's own bitmap; arrays beyond it are in that of the extension. */
function setBitmap(bytes: Uint8Array, { bins }: DlmmPoolState): void {
  for (const index of new Set(bins.map(({ id }) => dlmmArrayIndex(id)))) {
    const bit = index + BITMAP_HALF;
    if (bit >= 0 && bit < 2 * BITMAP_HALF) bytes[584 + (bit >> 3)]! |= 1 << (bit & 7);
  }
}

export function dlmmBinArrayBytes(pool: string, index: number, state: DlmmPoolState): Uint8Array {
  const data = createAccountBytes(BIN_ARRAY_BYTES)
    .raw(0, BIN_ARRAY_DISCRIMINATOR)
    .u8(16, 1)
    .address(24, pool);
  new DataView(data.bytes.buffer).setBigInt64(8, BigInt(index), true);
  for (const bin of state.bins) {
    const { id, x, y, price = dlmmBinPrice(state.binStep, id), earned, orders } = bin;
    if (dlmmArrayIndex(id) !== index) continue;
    const at = 56 + (id - index * BINS_PER_ARRAY) * BIN_BYTES;
    // As the program counts a bin's liquidity: what it is worth in Y, in Q64.64.
    const worth = price * x + (y << 64n);
    data
      .u64(at, x)
      .u64(at + 8, y)
      .u128(at + 16, price)
      .u128(at + 32, bin.liquidity ?? (worth < U128_MAX ? worth : U128_MAX));
    if (earned) data.u128(at + 48, earned[0]).u128(at + 64, earned[1]);
    if (orders)
      data
        .u64(at + 112, orders.open)
        .u64(at + 120, orders.processing)
        .u64(at + 128, orders.processed)
        .u32(at + 136, orders.age)
        .u8(at + 140, orders.side === 'ask' ? 1 : 0);
  }
  return data.bytes;
}

/** Bitmaps of 12 times 512 arrays above the pool's own and as many below it. */
export function dlmmBitmapExtensionBytes(pool: string, arrayIndexes: readonly number[]): Uint8Array {
  const { bytes } = createAccountBytes(EXTENSION_BYTES).raw(0, EXTENSION_DISCRIMINATOR).address(8, pool);
  for (const index of arrayIndexes) {
    const bit = (index < 0 ? -index - 1 : index) - BITMAP_HALF;
    if (bit >= 0) bytes[(index < 0 ? 40 + 768 : 40) + (bit >> 3)]! |= 1 << (bit & 7);
  }
  return bytes;
}

export function dlmmOracleBytes({ oracle }: DlmmPoolState): Uint8Array {
  const { length, index, observations } = oracle ?? { length: OBSERVATIONS, index: 0, observations: [] };
  const data = createAccountBytes(ORACLE_HEADER_BYTES + length * OBSERVATION_BYTES)
    .raw(0, ORACLE_DISCRIMINATOR)
    .u64(8, BigInt(index))
    .u64(16, BigInt(observations.length))
    .u64(24, BigInt(length));
  for (const [place, { sum, first, last }] of observations.entries()) {
    const at = ORACLE_HEADER_BYTES + place * OBSERVATION_BYTES;
    data
      .u128(at, BigInt.asUintN(128, sum))
      .u64(at + 16, first)
      .u64(at + 24, last);
  }
  return data.bytes;
}
