import { type RouteOutcome, Router, type SearchLimits, SwapRefused, type SysvarClock } from '@oee/amm';
import { kindOf } from '../market/kinds/pool-kinds.ts';
import type { DevnetNode } from '../node.ts';
import { chainClock, readPoolState } from './pool-states.ts';
import { priceImpact } from './price-impact.ts';
import { type OpenPool, type ProtectedPlan, protectPlan } from './protected-plan.ts';
import { NoRoute } from './swap-api-refusal.ts';

/** Without lookup tables no more fit into a transaction beside the taker's own instructions. */
const MAX_LEGS = 2;
/** Bytes for legs in a transaction of 1,232 bytes, beside its signature and the taker's own instructions. */
const MAX_LEG_BYTES = 780;

/** The request for a route. */
export interface RouteRequest {
  readonly inputMint: string;
  readonly outputMint: string;
  /** Base units of the input token. */
  readonly amount: bigint;
  readonly slippageBps: number;
  /** `direct`: one leg only. `fast`: one leg, two where no pool holds the pair. `best`: whatever gives most. */
  readonly search: 'best' | 'fast' | 'direct';
  /** Labels of `routePlan`, case-sensitive; null where not given. */
  readonly dexes: ReadonlySet<string> | null;
  readonly excludedDexes: ReadonlySet<string>;
  /** Maximum number of accounts that the legs name together. */
  readonly maxAccounts: number;
}

export interface PricedPlan extends ProtectedPlan {
  /** Price impact of the swap's size, 0 to 1. */
  readonly priceImpact: number;
}

/** @throws {SwapApiRefusal} 400 if no route fits the request. */
export function planSwap(node: DevnetNode, request: RouteRequest): PricedPlan {
  const clock = chainClock(node.chain);
  const pools = new Map<string, OpenPool>();
  for (const placed of node.listing.pools) {
    if (!isWanted(kindOf(placed).label, request)) continue;
    const pool = readPoolState(node.chain, placed);
    if (pool !== null) pools.set(placed.address, { placed, pool });
  }
  const { inputMint: tokenIn, outputMint: tokenOut, amount, slippageBps } = request;
  const offers = search(request, [...pools.values()], clock).flatMap((found) => {
    if (found.outcome === 'noRoute') return [];
    try {
      return [protectPlan(found.plan, { pools, clock }, { tokenIn, tokenOut, slippageBps })];
    } catch (error) {
      if (error instanceof SwapRefused) return [];
      throw error;
    }
  });
  const [first] = offers;
  if (!first) throw new NoRoute();
  const best = offers.reduce((most, offer) => (offer.amountOut > most.amountOut ? offer : most));
  const plan = request.search === 'fast' ? first : best;
  return { ...plan, priceImpact: priceImpact(plan.legs, { pools, clock }, { tokenIn, amountIn: amount }) };
}

const toRouterPool = ({ placed, pool }: OpenPool) => ({
  id: placed.address,
  pool,
  mints: [placed.mint0, placed.mint1] as const,
  cost: { ...kindOf(placed).legCost, computeUnits: 0 },
});

/**
 * The routes among which the plan is chosen, the preferred one first. The fast mode looks for one leg, and for two only
 * where no pool holds the pair. Otherwise routes over other tokens compete with those over the pair's own pools, since the
 * search does not know what protecting a leg costs.
 */
function search(request: RouteRequest, all: readonly OpenPool[], clock: SysvarClock): RouteOutcome[] {
  const { inputMint: tokenIn, outputMint: tokenOut, amount, maxAccounts } = request;
  const most = { maxLegs: MAX_LEGS, maxAccounts, maxBytes: MAX_LEG_BYTES };
  const route = (router: Router, limits: SearchLimits) =>
    router.routeExactIn(amount, { tokenIn, tokenOut, limits });
  const router = new Router(all.map(toRouterPool), clock);
  if (request.search === 'direct') return [route(router, { ...most, maxLegs: 1 })];
  const isOfPair = ({ placed }: OpenPool): boolean =>
    [tokenIn, tokenOut].every((mint) => mint === placed.mint0 || mint === placed.mint1);
  const preferred =
    request.search === 'fast'
      ? route(router, { ...most, maxLegs: 1 })
      : route(new Router(all.filter(isOfPair).map(toRouterPool), clock), most);
  const everywhere = route(router, most);
  // A route that is too long for a transaction is refused as a whole, but a route without the longest legs may fit. The
  // router keeps the curves of the pools that it keeps.
  for (const { placed } of all) if (placed.kind === 'raydium-clmm') router.remove(placed.address);
  return [preferred, everywhere, route(router, most)];
}

function isWanted(label: string, { dexes, excludedDexes }: RouteRequest): boolean {
  return (dexes === null || dexes.has(label)) && !excludedDexes.has(label);
}
