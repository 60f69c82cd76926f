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
  'meteora-damm-v2': 'Meteora DAMM v2',
} as const;

/** Without lookup tables no more fit into a transaction beside the taker's own instructions. */
const MAX_LEGS = 2;
/** Accounts that an instruction of a pool names besides those that all legs share. */
const ACCOUNTS_PER_LEG = 13;

export interface PricedPlan extends ProtectedPlan {
  /** Share of the price that the swap's own size costs, 0 to 1. */
  readonly priceImpact: number;
}

/** @throws {SwapApiRefusal} 400 where there is no route within what was asked. */
export function planSwap(node: DevnetNode, request: BuildRequest): PricedPlan {
  const clock = chainClock(node.chain);
  const pools = new Map<string, OpenPool>();
  for (const placed of node.placedPools) {
    if (!isWanted(LABELS[placed.kind], request)) continue;
    const pool = readPoolState(node.chain, placed);
    if (pool !== null) pools.set(placed.address, { placed, pool });
  }
  const router = new Router(
    [...pools.values()].map(({ placed, pool }) => ({
      id: placed.address,
      pool,
      mints: [placed.mint0, placed.mint1] as const,
      cost: { accounts: ACCOUNTS_PER_LEG, bytes: 0, computeUnits: 0 },
    })),
    clock,
  );
  const { inputMint: tokenIn, outputMint: tokenOut, amount, slippageBps } = request;
  for (const limits of limitsOf(request)) {
    const found: RouteOutcome = router.routeExactIn(amount, { tokenIn, tokenOut, limits });
    if (found.outcome === 'noRoute') continue;
    try {
      const plan = protectPlan(found.plan, { pools, clock }, { tokenIn, tokenOut, slippageBps });
      return {
        ...plan,
        priceImpact: priceImpact(plan.legs, { pools, clock }, { tokenIn, amountIn: amount }),
      };
    } catch (error) {
      if (!(error instanceof SwapRefused)) throw error;
    }
  }
  throw new SwapApiRefusal(400, 'No routes found');
}

/** The fast mode looks for one leg, and for two only where no pool holds the pair. */
function limitsOf({ isFast, maxAccounts }: BuildRequest): RouteLimits[] {
  const most = { maxLegs: MAX_LEGS, maxAccounts };
  return isFast ? [{ ...most, maxLegs: 1 }, most] : [most];
}

function isWanted(label: string, { dexes, excludedDexes }: BuildRequest): boolean {
  return (dexes === null || dexes.has(label)) && !excludedDexes.has(label);
}
