import { requireAddressBytes } from '@oee/solana';
import type { Block } from '../chain/block.ts';
import { BLOCKHASH_LIFETIME_BLOCKS } from '../chain/block-history.ts';
import type { DevnetNode } from '../node.ts';
import { setComputeUnitPrice } from '../pools/compute-budget.ts';
import type { BuildRequest } from './build-request.ts';
import { planSwap } from './plan-swap.ts';
import { recentPrice } from './recent-price.ts';
import { routeInstructions, toWire } from './route-instructions.ts';
import { toRoutePlan } from './route-plan.ts';

/**
 * The answer of `/swap/v2/build`.
 *
 * @throws {SwapApiRefusal} There is no route.
 */
export async function buildSwap(node: DevnetNode, request: BuildRequest) {
  const plan = planSwap(node, request);
  const { setup, swap, cleanup } = await routeInstructions(plan, request);
  return {
    inputMint: request.inputMint,
    outputMint: request.outputMint,
    inAmount: String(request.amount),
    outAmount: String(plan.amountOut),
    otherAmountThreshold: String(plan.minAmountOut),
    swapMode: 'ExactIn',
    slippageBps: request.slippageBps,
    priceImpactPct: plan.priceImpact.toFixed(8),
    routePlan: toRoutePlan(plan),
    computeBudgetInstructions: [setComputeUnitPrice(recentPrice(node, request.pricePercentileBps))].map(
      toWire,
    ),
    setupInstructions: setup.map(toWire),
    swapInstruction: toWire(swap),
    cleanupInstruction: cleanup && toWire(cleanup),
    otherInstructions: [],
    tipInstruction: null,
    addressesByLookupTableAddress: {},
    blockhashWithMetadata: blockhashOf(node.chain.history.at('confirmed'), request),
  };
}

function blockhashOf(block: Block, { blockhashSlotsToExpiry }: BuildRequest) {
  return {
    blockhash: [...requireAddressBytes(block.blockhash)],
    lastValidBlockHeight: block.height + Math.min(blockhashSlotsToExpiry, BLOCKHASH_LIFETIME_BLOCKS),
    fetchedAt: new Date(block.timeMs).toISOString(),
  };
}
