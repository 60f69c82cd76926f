import { upperBoundOfOutput } from './bounds.ts';
import { toPeerMarket } from './peers.ts';
import type { ScoreMarket } from './read-markets.ts';

/** SOL, USDC and USDT: the tokens that mean the same in every market of a file. */
const COMMON_MINTS = new Set(['T0', 'T1', 'T2']);

/**
 * Larger markets made of the file's own: neighbors are put together until they have `poolCount` pools, connected through
 * the tokens that they have in common. Each keeps its task, in the market that they make together, and gets a bound there.
 */
export function mergeMarkets(markets: readonly ScoreMarket[], poolCount: number): ScoreMarket[] {
  const merged: ScoreMarket[] = [];
  let group: ScoreMarket[] = [];
  for (const market of markets) {
    group.push(market);
    if (group.reduce((sum, { pools }) => sum + pools.length, 0) < poolCount) continue;
    merged.push(...together(group));
    group = [];
  }
  return merged;
}

function together(group: readonly ScoreMarket[]): ScoreMarket[] {
  const pools = group.flatMap(({ seed, pools: own }) =>
    own.map((pool) => ({
      ...pool,
      id: `${seed}/${pool.id}`,
      mints: [named(pool.mints[0], seed), named(pool.mints[1], seed)] as const,
    })),
  );
  return group.map((own) => {
    const market = {
      ...own,
      pools,
      tokenIn: named(own.tokenIn, own.seed),
      tokenOut: named(own.tokenOut, own.seed),
      bestKnownOutByMaxLegs: new Map(),
    };
    return { ...market, upperBound: upperBoundOfOutput(toPeerMarket(market, true), Number(own.amountIn)) };
  });
}

const named = (mint: string, seed: string): string => (COMMON_MINTS.has(mint) ? mint : `${seed}/${mint}`);
