import { type RouteOutcome, Router } from '@oee/amm';
import type { ScoreMarket } from '../../packages/amm/test/markets/read-markets.ts';

export interface Measured {
  readonly market: ScoreMarket;
  readonly outcome: RouteOutcome;
  /** The fastest of the repetitions. */
  readonly ms: number;
}

/** Routes every market `repetitions` times over compiled curves and keeps the fastest time of each. */
export function measureRoutes(
  markets: readonly ScoreMarket[],
  route: (router: Router, market: ScoreMarket) => RouteOutcome,
  repetitions = 4,
): Measured[] {
  const routers = markets.map(({ pools, clock }) => new Router(pools, clock));
  const fastest = markets.map(() => Number.POSITIVE_INFINITY);
  const outcomes: RouteOutcome[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const [index, market] of markets.entries()) {
      const start = performance.now();
      outcomes[index] = route(routers[index]!, market);
      fastest[index] = Math.min(fastest[index]!, performance.now() - start);
    }
  }
  return markets.map((market, index) => ({ market, outcome: outcomes[index]!, ms: fastest[index]! }));
}

/** Milliseconds to compile the curves of 30 pools, per market. */
export function measureCompilation(markets: readonly ScoreMarket[]): number[] {
  const run = () =>
    markets.map(({ pools, clock }) => {
      const start = performance.now();
      new Router(pools, clock);
      return ((performance.now() - start) / pools.length) * 30;
    });
  run();
  return run();
}
