import type { SysvarClock } from '../clock.ts';
import { requireU64, requireU128 } from '../integer.ts';
import type { ExactInRequest, ExactOutRequest, Rate, Swap, TokenIndex, TradingWindow } from '../swap.ts';
import { SwapRefused } from '../swap-refused.ts';
import { type ClmmDynamicFee, groupOf, VolatilityTracker } from './clmm-dynamic-fee.ts';
import { matchLimitOrders } from './clmm-limit-orders.ts';
import { CLMM_FEE_DENOMINATOR, clmmStep, type SwapMode } from './clmm-step.ts';
import {
  MAX_SQRT_PRICE,
  MAX_TICK,
  MIN_SQRT_PRICE,
  MIN_TICK,
  sqrtPriceAtTick,
  tickAtSqrtPrice,
} from './clmm-tick-price.ts';

export interface ClmmTick {
  readonly tick: number;
  /** Added to the liquidity when crossed upwards, subtracted downwards. */
  readonly liquidityNet: bigint;
  readonly liquidityGross: bigint;
  /** Limit orders that are not filled yet, base units of the token they sell. */
  readonly unfilledOrders: bigint;
}

/**
 * A Raydium CLMM pool. Ticks ascending, initialized ones only.
 * Source of the formulas: raydium-io/raydium-clmm, programs/amm/src (docs/routing.md).
 */
export interface RaydiumClmmPool {
  readonly kind: 'raydium-clmm';
  /** Square root of token 1 per token 0, Q64.64. */
  readonly sqrtPrice: bigint;
  readonly tick: number;
  readonly liquidity: bigint;
  readonly tickSpacing: number;
  /** Per 1,000,000. */
  readonly tradeFeeRate: bigint;
  readonly feeOn: 'input' | 'token0' | 'token1';
  readonly dynamicFee: ClmmDynamicFee | null;
  readonly ticks: readonly ClmmTick[];
  readonly window: TradingWindow;
}

export interface RaydiumClmmSwap extends Swap {
  readonly feeSide: 'input' | 'output';
  readonly fee: bigint;
  readonly sqrtPriceAfter: bigint;
  readonly tickAfter: number;
  readonly liquidityAfter: bigint;
  readonly ticksCrossed: number;
}

/**
 * Exact-in swap. The program fails when it runs out of ticks, so such a swap is refused.
 *
 * @throws {SwapRefused} Zero in, zero out, not enough liquidity, or a value over the program's width.
 */
export function swapClmmExactIn(pool: RaydiumClmmPool, request: ExactInRequest): RaydiumClmmSwap {
  const { inputIndex, amountIn, clock } = request;
  requireU64(amountIn);
  if (amountIn === 0n) throw new SwapRefused('zero-amount-in');
  return walk(pool, { inputIndex, clock, specified: amountIn, isExactIn: true });
}

/**
 * Exact-out swap.
 *
 * @throws {SwapRefused} Zero out, not enough liquidity, or a value over the program's width.
 */
export function swapClmmExactOut(pool: RaydiumClmmPool, request: ExactOutRequest): RaydiumClmmSwap {
  const { inputIndex, amountOut, clock } = request;
  requireU64(amountOut);
  if (amountOut === 0n) throw new SwapRefused('zero-amount-out');
  return walk(pool, { inputIndex, clock, specified: amountOut, isExactIn: false });
}

export function clmmFeeSide(pool: RaydiumClmmPool, inputIndex: TokenIndex): 'input' | 'output' {
  if (pool.feeOn === 'input') return 'input';
  return (pool.feeOn === 'token0') === (inputIndex === 0) ? 'input' : 'output';
}

/** Output per input of an infinitely small swap, after fees; the current price even where liquidity starts later. */
export function clmmSpotRate(pool: RaydiumClmmPool, inputIndex: TokenIndex, clock: SysvarClock): Rate {
  const kept = CLMM_FEE_DENOMINATOR - initialFeeRate(pool, clock);
  const price = pool.sqrtPrice * pool.sqrtPrice;
  return inputIndex === 0
    ? { numerator: price * kept, denominator: CLMM_FEE_DENOMINATOR << 128n }
    : { numerator: kept << 128n, denominator: price * CLMM_FEE_DENOMINATOR };
}

function initialFeeRate(pool: RaydiumClmmPool, clock: SysvarClock): bigint {
  const group = groupOf(pool.tick, pool.tickSpacing);
  const tracker = trackerOf(pool, group, clock);
  tracker?.update(group);
  return tracker ? tracker.feeRate(pool.tradeFeeRate) : pool.tradeFeeRate;
}

function trackerOf(pool: RaydiumClmmPool, group: number, clock: SysvarClock): VolatilityTracker | null {
  if (!pool.dynamicFee) return null;
  const { tickSpacing } = pool;
  return new VolatilityTracker(pool.dynamicFee, { group, tickSpacing, unixTimestamp: clock.unixTimestamp });
}

interface WalkRequest {
  readonly inputIndex: TokenIndex;
  readonly clock: SysvarClock;
  readonly specified: bigint;
  readonly isExactIn: boolean;
}

function walk(pool: RaydiumClmmPool, request: WalkRequest): RaydiumClmmSwap {
  const walker = new Walker(pool, request);
  while (walker.remaining > 0n) walker.advanceToNextTick();
  return walker.result();
}

/** The state of one swap between its steps; it only reads the pool. */
class Walker {
  remaining: bigint;
  readonly #pool: RaydiumClmmPool;
  readonly #specified: bigint;
  readonly #mode: SwapMode;
  readonly #limit: bigint;
  readonly #volatility: VolatilityTracker | null;
  #group: number;
  #calculated = 0n;
  #fee = 0n;
  #sqrtPrice: bigint;
  #tick: number;
  #liquidity: bigint;
  #ticksCrossed = 0;

  constructor(pool: RaydiumClmmPool, request: WalkRequest) {
    const isZeroForOne = request.inputIndex === 0;
    this.#pool = pool;
    this.#specified = request.specified;
    this.remaining = request.specified;
    this.#mode = {
      isZeroForOne,
      isExactIn: request.isExactIn,
      isFeeOnInput: clmmFeeSide(pool, request.inputIndex) === 'input',
    };
    this.#limit = isZeroForOne ? MIN_SQRT_PRICE + 1n : MAX_SQRT_PRICE - 1n;
    this.#sqrtPrice = pool.sqrtPrice;
    this.#tick = pool.tick;
    this.#liquidity = pool.liquidity;
    this.#group = groupOf(pool.tick, pool.tickSpacing);
    this.#volatility = trackerOf(pool, this.#group, request.clock);
    if (this.#isPast(this.#limit, pool.sqrtPrice) || pool.sqrtPrice === this.#limit) {
      throw new SwapRefused('price-out-of-range');
    }
  }

  advanceToNextTick(): void {
    if (this.#sqrtPrice === this.#limit) throw new SwapRefused('insufficient-liquidity');
    const next = nextTick(this.#pool.ticks, this.#tick, this.#mode.isZeroForOne);
    if (!next) throw new SwapRefused('insufficient-liquidity');
    const nextSqrtPrice = sqrtPriceAtTick(next.tick);
    const target = this.#isPast(this.#limit, nextSqrtPrice) ? this.#limit : nextSqrtPrice;
    if (this.#isPast(target, this.#sqrtPrice)) throw new SwapRefused('price-out-of-range');

    let liquidityNext = this.#liquidity;
    for (;;) {
      this.#volatility?.update(this.#group);
      const feeRate = this.#volatility?.feeRate(this.#pool.tradeFeeRate) ?? this.#pool.tradeFeeRate;
      const bound = this.#boundOfGroup(target);
      const reached = this.#moveTo(bound.sqrtPrice, feeRate);
      if (reached === nextSqrtPrice) {
        liquidityNext = this.#passTick(next, { feeRate, nextSqrtPrice, liquidityNext });
      } else if (reached !== this.#sqrtPrice) {
        this.#tick =
          bound.tick !== null && reached === bound.sqrtPrice ? bound.tick : tickAtSqrtPrice(reached);
      }
      this.#sqrtPrice = reached;
      this.#advanceGroup(bound.isWholeStep, next.tick, nextSqrtPrice);
      if (this.remaining === 0n || this.#sqrtPrice === target) break;
    }
    this.#liquidity = liquidityNext;
  }

  result(): RaydiumClmmSwap {
    const { isExactIn, isFeeOnInput } = this.#mode;
    const [amountIn, amountOut] = isExactIn
      ? [this.#specified, this.#calculated]
      : [this.#calculated, this.#specified];
    requireU64(amountIn);
    requireU64(amountOut);
    if (amountIn === 0n) throw new SwapRefused('zero-amount-in');
    if (amountOut === 0n) throw new SwapRefused('zero-amount-out');
    return {
      amountIn,
      amountOut,
      feeIn: isFeeOnInput ? this.#fee : 0n,
      feeOut: isFeeOnInput ? 0n : this.#fee,
      fee: this.#fee,
      feeSide: isFeeOnInput ? 'input' : 'output',
      sqrtPriceAfter: this.#sqrtPrice,
      tickAfter: this.#tick,
      liquidityAfter: this.#liquidity,
      ticksCrossed: this.#ticksCrossed,
    };
  }

  /** Whether the swap passes price `a` before price `b`. */
  #isPast(a: bigint, b: bigint): boolean {
    return this.#mode.isZeroForOne ? a > b : a < b;
  }

  #moveTo(target: bigint, feeRate: bigint): bigint {
    if (target === this.#sqrtPrice) return target;
    const { remaining } = this;
    const from = { sqrtPrice: this.#sqrtPrice, target, liquidity: this.#liquidity, remaining, feeRate };
    const step = clmmStep(from, this.#mode);
    this.#apply(step);
    return step.sqrtPrice;
  }

  #passTick(next: ClmmTick, at: { feeRate: bigint; nextSqrtPrice: bigint; liquidityNext: bigint }): bigint {
    const { remaining } = this;
    const from = {
      unfilled: next.unfilledOrders,
      remaining,
      feeRate: at.feeRate,
      sqrtPrice: at.nextSqrtPrice,
    };
    const match = matchLimitOrders(from, this.#mode);
    this.#apply(match);
    const hasOrders = match.unfilled > 0n;
    if (hasOrders && this.remaining > 0n && match.unfilled !== next.unfilledOrders) {
      throw new SwapRefused('math-overflow');
    }
    this.#tick = this.#mode.isZeroForOne === hasOrders ? next.tick : next.tick - 1;
    if (hasOrders || next.liquidityGross === 0n) return at.liquidityNext;
    this.#ticksCrossed += 1;
    return requireU128(this.#liquidity + (this.#mode.isZeroForOne ? -next.liquidityNet : next.liquidityNet));
  }

  #apply(step: { amountIn: bigint; amountOut: bigint; fee: bigint }): void {
    const consumed = this.#mode.isFeeOnInput ? step.amountIn + step.fee : step.amountIn;
    this.remaining -= this.#mode.isExactIn ? consumed : step.amountOut;
    if (this.remaining < 0n) throw new SwapRefused('math-overflow');
    this.#calculated = requireU64(this.#calculated + (this.#mode.isExactIn ? step.amountOut : consumed));
    this.#fee = requireU64(this.#fee + step.fee);
  }

  /** With a dynamic fee a step ends where the next group of ticks, and so another fee, begins. */
  #boundOfGroup(target: bigint): { sqrtPrice: bigint; tick: number | null; isWholeStep: boolean } {
    if (!this.#volatility || this.#liquidity === 0n || this.#volatility.isSaturated) {
      return { sqrtPrice: target, tick: null, isWholeStep: true };
    }
    const group = this.#mode.isZeroForOne ? this.#group : this.#group + 1;
    const tick = Math.min(Math.max(group * this.#pool.tickSpacing, MIN_TICK), MAX_TICK);
    const sqrtPrice = sqrtPriceAtTick(tick);
    const isTargetNearer = this.#mode.isZeroForOne ? target > sqrtPrice : target < sqrtPrice;
    return isTargetNearer
      ? { sqrtPrice: target, tick: null, isWholeStep: false }
      : { sqrtPrice, tick, isWholeStep: false };
  }

  #advanceGroup(isWholeStep: boolean, nextTickIndex: number, nextSqrtPrice: bigint): void {
    if (!this.#volatility) return;
    const { tickSpacing } = this.#pool;
    if (isWholeStep) {
      const tick = this.#sqrtPrice === nextSqrtPrice ? nextTickIndex : this.#tick;
      const isOnEdge = !this.#mode.isZeroForOne && tick % tickSpacing === 0;
      this.#group = groupOf(tick, tickSpacing) - (isOnEdge ? 1 : 0);
      if (!this.#volatility.isSaturated) this.#volatility.update(this.#group);
    }
    this.#group += this.#mode.isZeroForOne ? -1 : 1;
  }
}

/** The greatest tick at or below `from`, or the smallest above it, by binary search. */
function nextTick(ticks: readonly ClmmTick[], from: number, isZeroForOne: boolean): ClmmTick | undefined {
  let low = 0;
  let high = ticks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ticks[middle]!.tick <= from) low = middle + 1;
    else high = middle;
  }
  return ticks[isZeroForOne ? low - 1 : low];
}
