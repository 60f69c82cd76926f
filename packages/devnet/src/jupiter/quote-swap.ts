import type { DevnetNode } from '../node.ts';
import { planSwap, type RouteRequest } from './plan-swap.ts';
import { amount, exchanges, flag, pair, refuse, whole } from './query-values.ts';
import { toRoutePlan } from './route-plan.ts';

/** Reads a request to Jupiter's `GET /swap/v1/quote`. It ignores unknown parameters, as Jupiter does. */
export function parseQuoteRequest(query: URLSearchParams): RouteRequest {
  if ((query.get('swapMode') ?? 'ExactIn') !== 'ExactIn') refuse('swapMode must be ExactIn');
  if ((query.get('platformFeeBps') ?? '0') !== '0') refuse('platformFeeBps is not served by the devnet');
  if (flag(query, 'dynamicSlippage', false)) refuse('dynamicSlippage is not served by the devnet');
  return {
    ...exchanges(query),
    ...pair(query),
    amount: amount(query),
    slippageBps: whole(query, 'slippageBps', { fallback: 50, least: 0, most: 10_000 }),
    search: flag(query, 'onlyDirectRoutes', false) ? 'direct' : 'best',
    maxAccounts: whole(query, 'maxAccounts', { fallback: 64, least: 1, most: 64 }),
  };
}

/** The answer of `/swap/v1/quote`. @throws {SwapApiRefusal} There is no route. */
export function quoteSwap(node: DevnetNode, request: RouteRequest) {
  const startedAt = performance.now();
  const plan = planSwap(node, request);
  return {
    inputMint: request.inputMint,
    inAmount: String(request.amount),
    outputMint: request.outputMint,
    outAmount: String(plan.amountOut),
    otherAmountThreshold: String(plan.minAmountOut),
    swapMode: 'ExactIn',
    slippageBps: request.slippageBps,
    platformFee: null,
    priceImpactPct: plan.priceImpact.toFixed(8),
    routePlan: toRoutePlan(plan),
    contextSlot: node.chain.slot,
    timeTaken: (performance.now() - startedAt) / 1000,
  };
}
