import type { ClmmDynamicFee } from '../pools/clmm-dynamic-fee.ts';
import type { ClmmTick, RaydiumClmmPool } from '../pools/raydium-clmm.ts';
import { ByteReader } from './byte-reader.ts';

/** Layouts: raydium-io/raydium-clmm, programs/amm/src/states/{pool,pool_fee,config,tick_array}.rs. */

export const RAYDIUM_CLMM_PROGRAM = 'CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK';

export interface RaydiumClmmPoolAccount {
  readonly ammConfig: string;
  readonly mints: readonly [string, string];
  readonly vaults: readonly [string, string];
  readonly observation: string;
  readonly decimals: readonly [number, number];
  readonly tickSpacing: number;
  readonly liquidity: bigint;
  readonly sqrtPrice: bigint;
  readonly tick: number;
  /** Bit 4 set: swaps are disabled. */
  readonly status: number;
  readonly feeOn: RaydiumClmmPool['feeOn'];
  /** Swaps run after this second, not during it. */
  readonly openTime: bigint;
  readonly dynamicFee: ClmmDynamicFee | null;
  /** Start ticks of the initialized tick arrays near the middle; the bitmap extension holds the far ones. */
  readonly tickArrayStarts: readonly number[];
}

export interface RaydiumClmmConfigAccount {
  readonly index: number;
  /** Per 1,000,000. */
  readonly tradeFeeRate: bigint;
  readonly protocolFeeRate: bigint;
  readonly fundFeeRate: bigint;
}

export interface RaydiumClmmTickArray {
  readonly pool: string;
  readonly startTick: number;
  /** Initialized ticks, ascending. */
  readonly ticks: readonly ClmmTick[];
}

/** Ticks of the pool's spacing that one tick array holds. */
export const CLMM_TICKS_PER_ARRAY = 60;
const TICK_LENGTH = 168;
const BITMAP_BITS = 1024;
const EXTENSION_BITMAPS = 14;
const EXTENSION_BITMAP_BITS = 512;
const SWAP_DISABLED_BIT = 16;
const FEE_ON = ['input', 'token0', 'token1'] as const;

/** @throws {InvalidAccount} The data is not a pool_state account. */
export function decodeRaydiumClmmPool(data: Uint8Array): RaydiumClmmPoolAccount {
  const account = 'Raydium CLMM pool';
  const reader = new ByteReader(data, { account, minLength: 1544, discriminator: 'f7ede3f5d7c3de46' });
  const feeOn = FEE_ON[reader.u8(390)] ?? 'input'; // The program too falls back to the input.
  return {
    ammConfig: reader.address(9),
    mints: [reader.address(73), reader.address(105)],
    vaults: [reader.address(137), reader.address(169)],
    observation: reader.address(201),
    decimals: [reader.u8(233), reader.u8(234)],
    tickSpacing: reader.u16(235),
    liquidity: reader.u128(237),
    sqrtPrice: reader.u128(253),
    tick: reader.i32(269),
    status: reader.u8(389),
    feeOn,
    openTime: reader.u64(1080),
    dynamicFee: dynamicFeeOf(reader),
    tickArrayStarts: tickArrayStartsOf(reader),
  };
}

/** @throws {InvalidAccount} The data is not an amm_config account. */
export function decodeRaydiumClmmConfig(data: Uint8Array): RaydiumClmmConfigAccount {
  const account = 'Raydium CLMM configuration';
  const reader = new ByteReader(data, { account, minLength: 117, discriminator: 'daf42168cbcb2b6f' });
  return {
    index: reader.u16(9),
    protocolFeeRate: BigInt(reader.u32(43)),
    tradeFeeRate: BigInt(reader.u32(47)),
    fundFeeRate: BigInt(reader.u32(53)),
  };
}

/** @throws {InvalidAccount} The data is not a tick_array account. */
export function decodeRaydiumClmmTickArray(data: Uint8Array): RaydiumClmmTickArray {
  const account = 'Raydium CLMM tick array';
  const reader = new ByteReader(data, { account, minLength: 10_240, discriminator: 'c09b55cd31f9812a' });
  const ticks: ClmmTick[] = [];
  for (let index = 0; index < CLMM_TICKS_PER_ARRAY; index += 1) {
    const at = 44 + index * TICK_LENGTH;
    const tick: ClmmTick = {
      tick: reader.i32(at),
      liquidityNet: reader.i128(at + 4),
      liquidityGross: reader.u128(at + 20),
      unfilledOrders: reader.u64(at + 124) + reader.u64(at + 132),
    };
    if (tick.liquidityGross > 0n || tick.unfilledOrders > 0n) ticks.push(tick);
  }
  return { pool: reader.address(8), startTick: reader.i32(40), ticks };
}

/**
 * Start ticks of the initialized tick arrays outside the pool's own bitmap, ascending.
 * Layout: states/tickarray_bitmap_extension.rs.
 *
 * @throws {InvalidAccount} The data is not a tick_array_bitmap_extension account.
 */
export function decodeRaydiumClmmBitmapExtension(data: Uint8Array, tickSpacing: number): number[] {
  const account = 'Raydium CLMM bitmap extension';
  const reader = new ByteReader(data, { account, minLength: 1832, discriminator: '3c9624db61808b99' });
  const width = CLMM_TICKS_PER_ARRAY * tickSpacing;
  const bitmapWidth = EXTENSION_BITMAP_BITS * width;
  const starts: number[] = [];
  for (let bitmap = 0; bitmap < EXTENSION_BITMAPS; bitmap += 1) {
    const positive = { at: 40 + bitmap * 64, from: (bitmap + 1) * bitmapWidth };
    const negative = { at: 40 + (EXTENSION_BITMAPS + bitmap) * 64, from: -(bitmap + 2) * bitmapWidth };
    for (const { at, from } of [positive, negative])
      for (const bit of setBits(reader, at, EXTENSION_BITMAP_BITS)) starts.push(from + bit * width);
  }
  return starts.sort((a, b) => a - b);
}

/** The pool to quote. Quotes reach as far as the given tick arrays, so pass those that the transaction will name. */
export function toRaydiumClmmPool(parts: {
  pool: RaydiumClmmPoolAccount;
  config: RaydiumClmmConfigAccount;
  tickArrays: readonly RaydiumClmmTickArray[];
}): RaydiumClmmPool {
  const { pool, config, tickArrays } = parts;
  return {
    kind: 'raydium-clmm',
    sqrtPrice: pool.sqrtPrice,
    tick: pool.tick,
    liquidity: pool.liquidity,
    tickSpacing: pool.tickSpacing,
    tradeFeeRate: config.tradeFeeRate,
    feeOn: pool.feeOn,
    dynamicFee: pool.dynamicFee,
    ticks: tickArrays.flatMap(({ ticks }) => ticks).sort((a, b) => a.tick - b.tick),
    window: {
      isEnabled: (pool.status & SWAP_DISABLED_BIT) === 0,
      opensAt: pool.openTime + 1n,
      pointKind: 'timestamp',
    },
  };
}

function dynamicFeeOf(reader: ByteReader): ClmmDynamicFee | null {
  const fee: ClmmDynamicFee = {
    filterPeriod: BigInt(reader.u16(1096)),
    decayPeriod: BigInt(reader.u16(1098)),
    reductionFactor: BigInt(reader.u16(1100)),
    control: BigInt(reader.u32(1102)),
    maxVolatility: BigInt(reader.u32(1106)),
    indexReference: reader.i32(1110),
    volatilityReference: BigInt(reader.u32(1114)),
    volatilityAccumulator: BigInt(reader.u32(1118)),
    lastUpdateAt: reader.u64(1122),
  };
  return fee.control === 0n ? null : fee;
}

function tickArrayStartsOf(reader: ByteReader): number[] {
  const width = CLMM_TICKS_PER_ARRAY * reader.u16(235);
  return setBits(reader, 904, BITMAP_BITS).map((bit) => (bit - BITMAP_BITS / 2) * width);
}

function setBits(reader: ByteReader, at: number, count: number): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < count; bit += 1) if ((reader.u8(at + (bit >> 3)) >> (bit & 7)) & 1) bits.push(bit);
  return bits;
}
