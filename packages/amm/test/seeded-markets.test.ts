import { describe, expect, test } from 'vitest';
import { swapExactIn } from '../src/pool.ts';
import { type RoutePlan, Router } from '../src/routing/router.ts';
import { SwapRefused } from '../src/swap-refused.ts';
import { bestPlan } from './markets/best-plans.ts';
import { toPeerMarket } from './markets/peers.ts';
import { type ScoreMarket, toScoreMarket } from './markets/read-markets.ts';
import { SHAPES, seededMarket } from './markets/seeded-market.ts';

/** Seeds that were found hard, their leg limit, and the output of the best known plan. */
const HARD = [
  // The best set of pools differs from any near one by a path over a token that the other plan does not touch.
  ['thin', 14, 4, 18_140_288_288_341n],
  ['thin', 25, 4, 100_341_269_946_648n],
  ['chain', 19, 4, 1_091_125_504n],
  ['hubless', 12, 4, 144_691_177_425_785_331n],
  ['usual', 106, 4, 3_926_548_517_558n],
  ['thin', 110, 6, 38_923_648_611_660n],
  ['chain', 110, 6, 883_033_329n],
  ['usual', 107, 8, 74_112_663_379_908n],
  ['thin', 109, 8, 3_371_484_736_408n],
  // So many paths of two pools gain that a few hundred of them are not all.
  ['thin', 301, 4, 13_396_768_148_519n],
  // The amount is more than most paths take, and pools are full.
  ['hubless', 8, 4, 24_408_620_592n],
  ['ending', 103, 6, 42_370_508_794n],
  // A shallow pool beside a deep one: hundreds of small steps in one direction.
  ['ending', 24, 4, 265_967_777_049n],
] as const;

function planOf({ pools, clock, ...market }: ScoreMarket, maxLegs: number): RoutePlan {
  const outcome = new Router(pools, clock).routeExactIn(market.amountIn, { ...market, limits: { maxLegs } });
  if (outcome.outcome !== 'routed') throw new Error(`no route: ${outcome.reason}`);
  return outcome.plan;
}

test.each(HARD)(
  '%s market %i with %i legs gives within 1 bp of the best known',
  (shape, seed, maxLegs, known) => {
    const { amountOut, legs } = planOf(toScoreMarket(seededMarket(seed, shape)), maxLegs);
    expect(legs.length).toBeLessThanOrEqual(maxLegs);
    expect(Number(amountOut)).toBeGreaterThan(Number(known) * (1 - 1e-4));
  },
);

test('an exact output with few legs takes little more than the input whose best plan gives it', () => {
  for (const [shape, seed, maxLegs, known] of HARD) {
    const { pools, clock, ...market } = toScoreMarket(seededMarket(seed, shape));
    const outcome = new Router(pools, clock).routeExactOut(known, { ...market, limits: { maxLegs } });
    if (outcome.outcome !== 'routed') throw new Error(`no route: ${outcome.reason}`);
    expect(outcome.plan.amountOut).toBeGreaterThanOrEqual(known);
    expect(Number(outcome.plan.amountIn)).toBeLessThan(Number(market.amountIn) * (1 + 1e-4));
  }
});

describe.each(SHAPES)('%s markets', (shape) => {
  const markets = [201, 202, 203].map((seed) => toScoreMarket(seededMarket(seed, shape)));

  test('the curves are never below the exact swaps, and above them by rounding only', () => {
    for (const market of markets) {
      for (const [index, { curves }] of toPeerMarket(market, true).edges.entries()) {
        for (const inputIndex of [0, 1] as const) {
          const curve = curves[inputIndex];
          for (const share of [1e-4, 0.03, 0.4, 0.9]) {
            const amountIn = BigInt(Math.round(curve.inputFor(curve.maxOut * share)));
            const out = exactOut(market, index, inputIndex, amountIn);
            if (out === null) continue;
            expect(Number(out)).toBeLessThanOrEqual(curve.out(Number(amountIn)) * (1 + 1e-9) + 1);
          }
        }
      }
    }
  });

  test('no plan of four legs is above the bound, and none is 1 bp below the best known', () => {
    for (const market of markets) {
      const best = bestPlan(toPeerMarket(market), 4, 20);
      if (best.out === 0n) continue;
      const { amountOut } = planOf(market, 4);
      expect(Number(amountOut)).toBeLessThanOrEqual(Math.max(best.bound, Number(best.out)) * (1 + 1e-5));
      expect(Number(amountOut)).toBeGreaterThan(Number(best.out) * (1 - 1e-4));
    }
  });
});

function exactOut(market: ScoreMarket, pool: number, inputIndex: 0 | 1, amountIn: bigint): bigint | null {
  try {
    return swapExactIn(market.pools[pool]!.pool, { inputIndex, amountIn, clock: market.clock }).amountOut;
  } catch (error) {
    if (error instanceof SwapRefused) return null;
    throw error;
  }
}

test('the best plan of one leg is the best pool of the pair, and proven', () => {
  const market = toPeerMarket(toScoreMarket(seededMarket(205, 'parallel')));
  const amountIn = Number(market.market.amountIn);
  const alone = market.edges.map(({ tokens, curves }) => {
    const index = tokens[0] === market.tokenIn ? 0 : 1;
    const isDirect = tokens[index] === market.tokenIn && tokens[1 - index] === market.tokenOut;
    return isDirect ? curves[index].out(amountIn) : 0;
  });
  const { out, bound } = bestPlan(market, 1, 50);
  expect(Number(out) / Math.max(...alone)).toBeCloseTo(1, 6);
  expect(bound / Math.max(...alone)).toBeCloseTo(1, 6);
});
