import type { SysvarClock } from '../clock.ts';
import { groupOf, VolatilityTracker } from '../pools/clmm-dynamic-fee.ts';
import { MAX_TICK } from '../pools/clmm-tick-price.ts';
import { clmmFeeSide, type RaydiumClmmPool } from '../pools/raydium-clmm.ts';
import type { TokenIndex } from '../swap.ts';
import type { Segment } from './curve.ts';

const LOG_SQRT_BASE = Math.log(1.0001) / 2;
/** Maximum number of tick groups with a separate fee; beyond them the fee of the last group applies. */
const MAX_GROUPS = 256;

/**
 * The segments of a CLMM pool: constant-product ones between ticks, where liquidity is constant, and straight ones for
 * limit orders.
 */
export function clmmSegments(pool: RaydiumClmmPool, inputIndex: TokenIndex, clock: SysvarClock): Segment[] {
  const isZeroForOne = inputIndex === 0;
  const isFeeOnInput = clmmFeeSide(pool, inputIndex) === 'input';
  const segments: Segment[] = [];
  const fees = feeSteps(pool, isZeroForOne, clock);
  let price = Number(pool.sqrtPrice) / 2 ** 64;
  let liquidity = Number(pool.liquidity);

  const push = (netIn: number, rate: number, b: number, kept: number) => {
    if (netIn <= 0) return;
    const [a, length] = isFeeOnInput ? [rate * kept, netIn / kept] : [rate * kept, netIn];
    segments.push({ a, b: isFeeOnInput ? b * kept : b, length });
  };
  const moveTo = (target: number, kept: number) => {
    const isAhead = isZeroForOne ? target < price : target > price;
    if (!isAhead) return;
    if (liquidity > 0) {
      const virtualIn = isZeroForOne ? liquidity / price : liquidity * price;
      const netIn = isZeroForOne ? liquidity / target - virtualIn : liquidity * target - virtualIn;
      push(netIn, isZeroForOne ? price * price : 1 / (price * price), 1 / virtualIn, kept);
    }
    price = target;
  };

  for (const next of ticksAhead(pool, isZeroForOne)) {
    const target = Math.exp(next.tick * LOG_SQRT_BASE);
    for (;;) {
      const bound = fees.bound(liquidity);
      if (bound === null || (isZeroForOne ? bound <= target : bound >= target)) break;
      moveTo(bound, fees.kept());
      fees.advance();
    }
    moveTo(target, fees.kept());
    const orders = Number(next.unfilledOrders);
    const rate = isZeroForOne ? target * target : 1 / (target * target);
    push(orders / rate, rate, 0, fees.kept());
    liquidity += Number(next.liquidityNet) * (isZeroForOne ? -1 : 1);
  }
  return segments;
}

function* ticksAhead(pool: RaydiumClmmPool, isZeroForOne: boolean) {
  const { ticks } = pool;
  if (isZeroForOne) {
    for (let index = ticks.length - 1; index >= 0; index -= 1) {
      if (ticks[index]!.tick <= pool.tick) yield ticks[index]!;
    }
    return;
  }
  for (const tick of ticks) if (tick.tick > pool.tick) yield tick;
}

/** The fee along the price's way: constant, or changing at the edges of tick groups until volatility saturates. */
function feeSteps(pool: RaydiumClmmPool, isZeroForOne: boolean, clock: SysvarClock) {
  const constant = 1 - Number(pool.tradeFeeRate) / 1e6;
  if (!pool.dynamicFee) return { bound: () => null, kept: () => constant, advance: () => {} };
  const { tickSpacing } = pool;
  let group = groupOf(pool.tick, tickSpacing);
  const start = { group, tickSpacing, unixTimestamp: clock.unixTimestamp };
  const tracker = new VolatilityTracker(pool.dynamicFee, start);
  let groups = 0;
  let kept = 1;
  const refresh = () => {
    tracker.update(group);
    kept = 1 - Number(tracker.feeRate(pool.tradeFeeRate)) / 1e6;
  };
  refresh();
  return {
    bound: (liquidity: number): number | null => {
      if (tracker.isSaturated || groups >= MAX_GROUPS || liquidity === 0) return null;
      const tick = (isZeroForOne ? group : group + 1) * tickSpacing;
      return Math.abs(tick) > MAX_TICK ? null : Math.exp(tick * LOG_SQRT_BASE);
    },
    kept: () => kept,
    advance: () => {
      group += isZeroForOne ? -1 : 1;
      groups += 1;
      refresh();
    },
  };
}
