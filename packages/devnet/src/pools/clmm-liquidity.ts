import { sqrtPriceAtTick } from '@oee/amm';
import type { ClmmPoolState } from './clmm-state.ts';

/** Liquidity between two ticks, multiples of the spacing. */
export interface ClmmPosition {
  readonly lower: number;
  readonly upper: number;
  readonly liquidity: bigint;
}

/** The liquidity and ticks that positions give a pool at this tick. */
export function clmmLiquidity(
  positions: readonly ClmmPosition[],
  poolTick: number,
): Pick<ClmmPoolState, 'liquidity' | 'ticks'> {
  const ticks = new Map<number, { net: bigint; gross: bigint }>();
  const add = (tick: number, net: bigint, gross: bigint) => {
    const before = ticks.get(tick) ?? { net: 0n, gross: 0n };
    ticks.set(tick, { net: before.net + net, gross: before.gross + gross });
  };
  for (const { lower, upper, liquidity } of positions) {
    add(lower, liquidity, liquidity);
    add(upper, -liquidity, liquidity);
  }
  const around = positions.filter(({ lower, upper }) => lower <= poolTick && poolTick < upper);
  return {
    liquidity: around.reduce((sum, { liquidity }) => sum + liquidity, 0n),
    ticks: [...ticks].map(([tick, amounts]) => ({ tick, ...amounts })),
  };
}

/** The amounts in positions at a price, base units of each token, rounded up. */
export function clmmHoldings(
  positions: readonly ClmmPosition[],
  sqrtPrice: bigint,
): { amount0: bigint; amount1: bigint } {
  let [amount0, amount1] = [0n, 0n];
  for (const { lower, upper, liquidity } of positions) {
    const [low, high] = [sqrtPriceAtTick(lower), sqrtPriceAtTick(upper)];
    const at = sqrtPrice < low ? low : sqrtPrice > high ? high : sqrtPrice;
    amount0 += ((liquidity << 64n) * (high - at)) / (at * high) + 1n;
    amount1 += ((liquidity * (at - low)) >> 64n) + 1n;
  }
  return { amount0, amount1 };
}
