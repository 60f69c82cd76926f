import { tickAtSqrtPrice } from '@oee/amm';
import { createAccountBytes, readU128 } from './account-bytes.ts';

/**
 * The bytes of a CLMM pool's accounts. Layouts: raydium-io/raydium-clmm (Apache-2.0),
 * programs/amm/src/states/{pool,pool_fee,config,tick_array,tickarray_bitmap_extension,oracle}.rs.
 */
const POOL_BYTES = 1_544;
const POOL_DISCRIMINATOR = Uint8Array.of(0xf7, 0xed, 0xe3, 0xf5, 0xd7, 0xc3, 0xde, 0x46);
const CONFIG_BYTES = 117;
const CONFIG_DISCRIMINATOR = Uint8Array.of(0xda, 0xf4, 0x21, 0x68, 0xcb, 0xcb, 0x2b, 0x6f);
const TICK_ARRAY_BYTES = 10_240;
const TICK_ARRAY_DISCRIMINATOR = Uint8Array.of(0xc0, 0x9b, 0x55, 0xcd, 0x31, 0xf9, 0x81, 0x2a);
const EXTENSION_BYTES = 1_832;
const EXTENSION_DISCRIMINATOR = Uint8Array.of(0x3c, 0x96, 0x24, 0xdb, 0x61, 0x80, 0x8b, 0x99);
const OBSERVATION_BYTES = 4_483;
const OBSERVATION_DISCRIMINATOR = Uint8Array.of(0x7a, 0xae, 0xc5, 0x35, 0x81, 0x09, 0xa5, 0x84);
const TICKS_PER_ARRAY = 60;
const TICK_BYTES = 168;
const BITMAP_ARRAYS = 512;
const EXTENSION_BITMAPS = 14;
const BITMAP_BYTES = 64;
/** The last tick in either direction. */
export const MOST_CLMM_TICK = 443_636;

export interface ClmmAddresses {
  readonly pool: string;
  readonly config: string;
  readonly observation: string;
  readonly mint0: string;
  readonly mint1: string;
  readonly vault0: string;
  readonly vault1: string;
  readonly tokenProgram0: string;
  readonly tokenProgram1: string;
  readonly bitmapExtension: string;
  /** By the tick that they start at. */
  readonly tickArrays: Readonly<Record<number, string>>;
}

export interface ClmmTickState {
  readonly tick: number;
  /** Added to the liquidity where the price rises past the tick, and what all positions that end there have. */
  readonly net: bigint;
  readonly gross: bigint;
  readonly orders?: ClmmOrders;
}

/** Limit orders of a tick, base units of token 0 above the price and of token 1 below it. */
export interface ClmmOrders {
  /** Orders without any fill. */
  readonly untouched: bigint;
  /** The unfilled rest of partly filled orders, and its share of their original amount, Q64.64. */
  readonly left: bigint;
  readonly unfilledRatio?: bigint;
}

/** Growth per unit of liquidity, Q64.64; what had grown when the price was last at each tick is `outside` of it. */
export interface ClmmGrowth {
  readonly inAll: bigint;
  readonly outside: bigint;
}

export interface ClmmReward {
  /** Unix seconds. */
  readonly opensAt: bigint;
  readonly endsAt: bigint;
  readonly updatedAt: bigint;
  /** Base units, Q64.64. */
  readonly perSecond: bigint;
  readonly emitted: bigint;
  readonly mint: string;
  readonly growth: ClmmGrowth;
}

export interface ClmmDynamicFeeState {
  /** Seconds. */
  readonly filterPeriod: number;
  readonly decayPeriod: number;
  readonly reductionFactor: number;
  readonly control: number;
  readonly maxVolatility: number;
  readonly groupReference: number;
  readonly volatilityReference: number;
  readonly volatility: number;
  readonly updatedAt: bigint;
}

export interface ClmmPoolState {
  /** Token 1 per token 0, Q64.64. */
  readonly sqrtPrice: bigint;
  /** The tick below the price where it is exactly an initialized tick's and came from above; else that of the price. */
  readonly tick?: number;
  readonly tickSpacing: number;
  readonly decimals?: readonly [number, number];
  /** Of the positions around the price. */
  readonly liquidity: bigint;
  readonly ticks: readonly ClmmTickState[];
  readonly feeGrowth?: readonly [ClmmGrowth, ClmmGrowth];
  readonly rewards?: readonly ClmmReward[];
  /** Bit 4 set: swaps are disabled. */
  readonly status?: number;
  /** 0 on the input, 1 in token 0, 2 in token 1. */
  readonly feeOn?: 0 | 1 | 2;
  /** Swaps run after this second. */
  readonly openTime?: bigint;
  readonly dynamicFee?: ClmmDynamicFeeState;
}

export interface ClmmConfigState {
  readonly index: number;
  /** Per 1,000,000; protocol and fund take their part of the trade fee. */
  readonly tradeFeeRate: number;
  readonly protocolFeeRate: number;
  readonly fundFeeRate: number;
  readonly tickSpacing: number;
}

export interface ClmmObservationState {
  readonly isInitialized: boolean;
  readonly index: number;
  /** Of the newest observation: Unix seconds, and the sum of ticks times seconds. */
  readonly observedAt: number;
  readonly sum: bigint;
}

/** The start of the tick array that holds a tick. */
export function clmmArrayStart(tick: number, tickSpacing: number): number {
  const width = TICKS_PER_ARRAY * tickSpacing;
  return Math.floor(tick / width) * width;
}

/** Starts of the arrays that hold initialized ticks, ascending. */
export function clmmArrayStarts({
  ticks,
  tickSpacing,
}: Pick<ClmmPoolState, 'ticks' | 'tickSpacing'>): number[] {
  const starts = new Set(ticks.map(({ tick }) => clmmArrayStart(tick, tickSpacing)));
  return [...starts].sort((a, b) => a - b);
}

export function clmmConfigBytes(config: ClmmConfigState): Uint8Array {
  return createAccountBytes(CONFIG_BYTES)
    .raw(0, CONFIG_DISCRIMINATOR)
    .u16(9, config.index)
    .u32(43, config.protocolFeeRate)
    .u32(47, config.tradeFeeRate)
    .u16(51, config.tickSpacing)
    .u32(53, config.fundFeeRate).bytes;
}

export function clmmPoolBytes(
  addresses: ClmmAddresses & { readonly bump: number },
  state: ClmmPoolState,
): Uint8Array {
  const tick = state.tick ?? tickAtSqrtPrice(state.sqrtPrice);
  const data = createAccountBytes(POOL_BYTES)
    .raw(0, POOL_DISCRIMINATOR)
    .u8(8, addresses.bump)
    .address(9, addresses.config)
    .address(73, addresses.mint0)
    .address(105, addresses.mint1)
    .address(137, addresses.vault0)
    .address(169, addresses.vault1)
    .address(201, addresses.observation)
    .u8(233, state.decimals?.[0] ?? 6)
    .u8(234, state.decimals?.[1] ?? 6)
    .u16(235, state.tickSpacing)
    .u128(237, state.liquidity)
    .u128(253, state.sqrtPrice)
    .u32(269, tick >>> 0)
    .u128(277, state.feeGrowth?.[0].inAll ?? 0n)
    .u128(293, state.feeGrowth?.[1].inAll ?? 0n)
    .u8(389, state.status ?? 0)
    .u8(390, state.feeOn ?? 0)
    .u64(1080, state.openTime ?? 0n);
  for (const [index, reward] of (state.rewards ?? []).entries())
    data
      .u8(397 + 169 * index, 1)
      .u64(398 + 169 * index, reward.opensAt)
      .u64(406 + 169 * index, reward.endsAt)
      .u64(414 + 169 * index, reward.updatedAt)
      .u128(422 + 169 * index, reward.perSecond)
      .u64(438 + 169 * index, reward.emitted)
      .address(454 + 169 * index, reward.mint)
      .u128(550 + 169 * index, reward.growth.inAll);
  if (state.dynamicFee) setDynamicFee(data, state.dynamicFee);
  for (const number of arrayNumbers(state))
    if (isNear(number)) setBit(data.bytes, 904, number + BITMAP_ARRAYS);
  return data.bytes;
}

/** The liquidity at the price, and the price. Without the rest, since traders look at it in every slot. */
export function readClmmLiquidity(pool: Uint8Array): { liquidity: bigint; sqrtPrice: bigint } {
  return { liquidity: readU128(pool, 237), sqrtPrice: readU128(pool, 253) };
}

function setDynamicFee(data: ReturnType<typeof createAccountBytes>, fee: ClmmDynamicFeeState): void {
  data
    .u16(1096, fee.filterPeriod)
    .u16(1098, fee.decayPeriod)
    .u16(1100, fee.reductionFactor)
    .u32(1102, fee.control)
    .u32(1106, fee.maxVolatility)
    .u32(1110, fee.groupReference >>> 0)
    .u32(1114, fee.volatilityReference)
    .u32(1118, fee.volatility)
    .u64(1122, fee.updatedAt);
}

/** The bitmaps of the arrays outside the pool's own bitmap. */
export function clmmBitmapExtensionBytes(pool: string, state: ClmmPoolState): Uint8Array {
  const { bytes } = createAccountBytes(EXTENSION_BYTES).raw(0, EXTENSION_DISCRIMINATOR).address(8, pool);
  for (const number of arrayNumbers(state)) {
    if (isNear(number)) continue;
    const block = Math.floor(number / BITMAP_ARRAYS);
    const place = block < 0 ? EXTENSION_BITMAPS - block - 2 : block - 1;
    setBit(bytes, 40 + place * BITMAP_BYTES, number - block * BITMAP_ARRAYS);
  }
  return bytes;
}

export function clmmTickArrayBytes(pool: string, start: number, state: ClmmPoolState): Uint8Array {
  const data = createAccountBytes(TICK_ARRAY_BYTES)
    .raw(0, TICK_ARRAY_DISCRIMINATOR)
    .address(8, pool)
    .u32(40, start >>> 0);
  const growths = [...(state.feeGrowth ?? []), ...(state.rewards ?? []).map(({ growth }) => growth)];
  const ticks = state.ticks.filter(({ tick }) => clmmArrayStart(tick, state.tickSpacing) === start);
  for (const { tick, net, gross, orders } of ticks) {
    const at = 44 + ((tick - start) / state.tickSpacing) * TICK_BYTES;
    data
      .u32(at, tick >>> 0)
      .u128(at + 4, BigInt.asUintN(128, net))
      .u128(at + 20, gross);
    for (const [index, { outside }] of growths.entries()) data.u128(at + 36 + 16 * index, outside);
    if (orders)
      data
        .u64(at + 124, orders.untouched)
        .u64(at + 132, orders.left)
        .u128(at + 140, orders.unfilledRatio ?? 0n);
  }
  return data.u8(10_124, ticks.length).bytes;
}

export function clmmObservationBytes(pool: string, observation?: ClmmObservationState): Uint8Array {
  const data = createAccountBytes(OBSERVATION_BYTES).raw(0, OBSERVATION_DISCRIMINATOR).address(19, pool);
  if (!observation) return data.bytes;
  const at = 51 + 44 * observation.index;
  return data
    .u8(8, observation.isInitialized ? 1 : 0)
    .u16(17, observation.index)
    .u32(at, observation.observedAt)
    .u64(at + 4, BigInt.asUintN(64, observation.sum)).bytes;
}

const arrayNumbers = (state: ClmmPoolState): number[] =>
  clmmArrayStarts(state).map((start) => start / (TICKS_PER_ARRAY * state.tickSpacing));

const isNear = (number: number): boolean => number >= -BITMAP_ARRAYS && number < BITMAP_ARRAYS;

function setBit(bytes: Uint8Array, at: number, bit: number): void {
  bytes[at + (bit >> 3)]! |= 1 << (bit & 7);
}
