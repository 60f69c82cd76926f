import type { SysvarClock } from './clock.ts';
import {
  dammV2SpotRate,
  type MeteoraDammV2Pool,
  swapDammV2ExactIn,
  swapDammV2ExactOut,
  swapDammV2PartialFill,
} from './pools/meteora-damm-v2.ts';
import {
  dlmmSpotRate,
  type MeteoraDlmmPool,
  swapDlmmExactIn,
  swapDlmmExactOut,
} from './pools/meteora-dlmm.ts';
import {
  ammV4SpotRate,
  type RaydiumAmmV4Pool,
  swapAmmV4ExactIn,
  swapAmmV4ExactOut,
} from './pools/raydium-amm-v4.ts';
import {
  clmmSpotRate,
  type RaydiumClmmPool,
  swapClmmExactIn,
  swapClmmExactOut,
} from './pools/raydium-clmm.ts';
import {
  cpmmSpotRate,
  type RaydiumCpmmPool,
  swapCpmmExactIn,
  swapCpmmExactOut,
} from './pools/raydium-cpmm.ts';
import type { ExactInRequest, ExactOutRequest, PartialFillRequest, Rate, Swap, TokenIndex } from './swap.ts';

/** A pool of any kind, ready to be quoted: plain immutable data, built from account bytes by the decoders. */
export type Pool = RaydiumCpmmPool | RaydiumAmmV4Pool | RaydiumClmmPool | MeteoraDlmmPool | MeteoraDammV2Pool;

export type PoolKind = Pool['kind'];

/**
 * The amounts that the pool's program moves for an exact input, to the unit, without opening times and transfer fees.
 *
 * @throws {SwapRefused} Where the program would fail.
 */
export function swapExactIn(pool: Pool, request: ExactInRequest): Swap {
  switch (pool.kind) {
    case 'raydium-cpmm':
      return swapCpmmExactIn(pool, request);
    case 'raydium-amm-v4':
      return swapAmmV4ExactIn(pool, request);
    case 'raydium-clmm':
      return swapClmmExactIn(pool, request);
    case 'meteora-dlmm':
      return swapDlmmExactIn(pool, request);
    case 'meteora-damm-v2':
      return swapDammV2ExactIn(pool, request);
  }
}

/**
 * The amounts that the pool's program moves for an exact output, to the unit, without opening times and transfer fees.
 *
 * @throws {SwapRefused} Where the program would fail.
 */
export function swapExactOut(pool: Pool, request: ExactOutRequest): Swap {
  switch (pool.kind) {
    case 'raydium-cpmm':
      return swapCpmmExactOut(pool, request);
    case 'raydium-amm-v4':
      return swapAmmV4ExactOut(pool, request);
    case 'raydium-clmm':
      return swapClmmExactOut(pool, request);
    case 'meteora-dlmm':
      return swapDlmmExactOut(pool, request);
    case 'meteora-damm-v2':
      return swapDammV2ExactOut(pool, request);
  }
}

/**
 * The amounts that the pool's program moves when it may leave a part of the input, to the unit. DAMM v2 stops at the
 * end of its price range; the others take the whole input or fail, as for an exact input.
 *
 * @throws {SwapRefused} Where the program would fail.
 */
export function swapPartialFill(pool: Pool, request: PartialFillRequest): Swap {
  return pool.kind === 'meteora-damm-v2' ? swapDammV2PartialFill(pool, request) : swapExactIn(pool, request);
}

/**
 * Output base units per input base unit of an infinitely small swap, after the pool's fees.
 *
 * @throws {SwapRefused} The pool has nothing to trade in this direction.
 */
export function spotRate(pool: Pool, request: { inputIndex: TokenIndex; clock: SysvarClock }): Rate {
  switch (pool.kind) {
    case 'raydium-cpmm':
      return cpmmSpotRate(pool, request.inputIndex);
    case 'raydium-amm-v4':
      return ammV4SpotRate(pool, request.inputIndex);
    case 'raydium-clmm':
      return clmmSpotRate(pool, request.inputIndex, request.clock);
    case 'meteora-dlmm':
      return dlmmSpotRate(pool, request.inputIndex, request.clock);
    case 'meteora-damm-v2':
      return dammV2SpotRate(pool, request.inputIndex, request.clock);
  }
}
