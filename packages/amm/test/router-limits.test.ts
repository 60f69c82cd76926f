import { expect, test } from 'vitest';
import { type RoutePlan, type RoutePool, Router } from '../src/routing/router.ts';
import type { SearchLimits } from '../src/routing/search-limits.ts';
import { type ScoreMarket, toScoreMarket } from './markets/read-markets.ts';
import { seededChance } from './markets/seeded-chance.ts';
import { seededMarket } from './markets/seeded-market.ts';

const SHAPES = ['parallel', 'thin', 'few', 'ending'] as const;
const LIMITS = { maxBytes: 170, maxAccounts: 34 };
/** So few that every set of them can be solved. */
const POOLS = 8;

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 21);

const markets = SEEDS.flatMap((seed) =>
  SHAPES.map((shape) => withCosts(toScoreMarket(seededMarket(seed, shape)))),
);

/** The market's first pools, with legs of different lengths. */
function withCosts(market: ScoreMarket): ScoreMarket {
  const chance = seededChance(`costs of ${market.seed}`);
  const pools = market.pools.slice(0, POOLS).map((pool) => ({
    ...pool,
    cost: { bytes: chance.whole(25, 90), accounts: chance.whole(4, 16), computeUnits: 0 },
  }));
  return { ...market, pools };
}

function planOf({ pools, clock, ...market }: ScoreMarket, limits: SearchLimits): RoutePlan | null {
  const outcome = new Router(pools, clock).routeExactIn(market.amountIn, { ...market, limits });
  return outcome.outcome === 'routed' ? outcome.plan : null;
}

function isWithinLimits(pools: readonly RoutePool[]): boolean {
  const sum = (part: 'bytes' | 'accounts') => pools.reduce((total, { cost }) => total + cost![part], 0);
  return sum('bytes') <= LIMITS.maxBytes && sum('accounts') <= LIMITS.maxAccounts;
}

/** The most that any set of pools within the limits gives; each set is solved without limits. */
function bestOfAllSets(market: ScoreMarket): bigint {
  let best = 0n;
  for (let set = 1; set < 2 ** market.pools.length; set += 1) {
    const pools = market.pools.filter((_, index) => (set >> index) & 1);
    const plan = isWithinLimits(pools) && planOf({ ...market, pools }, {});
    if (plan && plan.amountOut > best) best = plan.amountOut;
  }
  return best;
}

test('within limits of bytes and accounts no plan is 1 bp below the best set of pools', () => {
  const limited = markets.filter((market) => {
    const free = planOf(market, {});
    return free && !isWithinLimits(poolsOf(free, market));
  });
  expect(limited.length).toBeGreaterThan(20);
  for (const market of limited) {
    const best = bestOfAllSets(market);
    const plan = planOf(market, LIMITS);
    expect(Number(plan?.amountOut ?? 0n), market.seed).toBeGreaterThanOrEqual(Number(best) * (1 - 1e-4));
    expect(isWithinLimits(plan ? poolsOf(plan, market) : [])).toBe(true);
  }
});

function poolsOf({ legs }: RoutePlan, { pools }: ScoreMarket): RoutePool[] {
  return legs.map(({ poolId }) => pools.find(({ id }) => id === poolId)!);
}
