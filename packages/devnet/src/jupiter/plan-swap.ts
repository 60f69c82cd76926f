import { type RouteLimits, type RouteOutcome, Router, SwapRefused } from '@oee/amm';
import type { DevnetNode } from '../node.ts';
import type { BuildRequest } from './build-request.ts';
import { chainClock, readPoolState } from './pool-states.ts';
import { priceImpact } from './price-impact.ts';
import { type OpenPool, type ProtectedPlan, protectPlan } from './protected-plan.ts';
import { SwapApiRefusal } from './swap-api-refusal.ts';

/** Names of the exchanges in `routePlan`, as Jupiter has them. */
export const LABELS = {
  'raydium-cpmm': 'Raydium CP',
  'raydium-amm-v4': 'Raydium',
  'meteora-damm-v2': 'Meteora DAMM v2',
  'meteora-dlmm': 'Meteora DLMM',
} as const;

/** Without lookup tables no more fit into a transaction beside the taker's own instructions. */
const MAX_LEGS = 2;
/** Accounts that an instruction of a pool names besides those that all legs share. */
const ACCOUNTS_PER_LEG = {
  'raydium-cpmm': 13,
  'raydium-amm-v4': 8,
  'meteora-damm-v2': 13,
  'meteora-dlmm': 18,
} as const;

export interface PricedPlan extends ProtectedPlan {
  /** Share of the price that the swap's own size costs, 0 to 1. */
  readonly priceImpact: number;
}

/** @throws {SwapApiRefusal} 400 where there is no route within what was asked. */
export function planSwap(node: DevnetNode, request: BuildRequest): PricedPlan {
  const clock = chainClock(node.chain);
  const pools = new Map<string, OpenPool>();
  for (const placed of node.listing.pools) {
    if (!isWanted(LABELS[placed.kind], request)) continue;
    const pool = readPoolState(node.chain, placed);
    if (pool !== null) pools.set(placed.address, { placed, pool });
  }
  const { inputMint: tokenIn, outputMint: tokenOut, amount, slippageBps } = request;
  const offers = searchesOf(request, [...pools.values()]).flatMap(({ among, limits }) => {
    const router = new Router(among.map(toRouterPool), clock);
    const found: RouteOutcome = router.routeExactIn(amount, { tokenIn, tokenOut, limits });
    if (found.outcome === 'noRoute') return [];
    try {
      return [protectPlan(found.plan, { pools, clock }, { tokenIn, tokenOut, slippageBps })];
    } catch (error) {
      if (error instanceof SwapRefused) return [];
      throw error;
    }
  });
  const [first] = offers;
  if (!first) throw new SwapApiRefusal(400, 'No routes found');
  const best = offers.reduce((most, offer) => (offer.amountOut > most.amountOut ? offer : most));
  const plan = request.isFast ? first : best;
  return { ...plan, priceImpact: priceImpact(plan.legs, { pools, clock }, { tokenIn, amountIn: amount }) };
}

const toRouterPool = ({ placed, pool }: OpenPool) => ({
  id: placed.address,
  pool,
  mints: [placed.mint0, placed.mint1] as const,
  cost: { accounts: ACCOUNTS_PER_LEG[placed.kind], bytes: 0, computeUnits: 0 },
});

/**
 * The fast mode looks for one leg, and for two only where no pool holds the pair. Otherwise routes over other tokens
 * compete with those over the pair's own pools, since the search does not know what protecting a hop costs.
 */
function searchesOf(
  { isFast, maxAccounts, inputMint, outputMint }: BuildRequest,
  all: readonly OpenPool[],
): { among: readonly OpenPool[]; limits: RouteLimits }[] {
  const most = { maxLegs: MAX_LEGS, maxAccounts };
  const isOfPair = ({ placed }: OpenPool): boolean =>
    [inputMint, outputMint].every((mint) => mint === placed.mint0 || mint === placed.mint1);
  return [
    isFast ? { among: all, limits: { ...most, maxLegs: 1 } } : { among: all.filter(isOfPair), limits: most },
    { among: all, limits: most },
  ];
}

function isWanted(label: string, { dexes, excludedDexes }: BuildRequest): boolean {
  return (dexes === null || dexes.has(label)) && !excludedDexes.has(label);
}
