import type { Block } from '../chain/block.ts';
import { BLOCKHASH_LIFETIME_BLOCKS } from '../chain/block-history.ts';
import { MAX_COMPUTE_UNITS } from '../chain/fees.ts';
import { parseTransaction } from '../chain/wire-transaction.ts';
import { unsignedTransaction } from '../market/wire-transaction.ts';
import type { DevnetNode } from '../node.ts';
import { setComputeUnitLimit, setComputeUnitPrice } from '../pools/compute-budget.ts';
import type { SwapInstruction } from '../pools/swap-instruction.ts';
import { recentPrice } from './recent-price.ts';
import { routeInstructions, toWire } from './route-instructions.ts';
import type { SwapRequest } from './swap-request.ts';

const MICRO_LAMPORTS = 1_000_000n;

/** The answer of `/swap/v1/swap`: the whole transaction, for the taker to sign. */
export async function swapTransaction(node: DevnetNode, request: SwapRequest) {
  const block = node.chain.history.at('confirmed');
  const { setup, swap, cleanup } = await routeInstructions(request.plan, request.trade);
  const route = [...setup, swap, ...(cleanup === null ? [] : [cleanup])];
  const compile = (instructions: readonly SwapInstruction[]) =>
    unsignedTransaction(request.trade.taker, instructions, {
      blockhash: block.blockhash,
      version: request.isLegacy ? 'legacy' : 0,
    });
  const { unitLimit, simulationError } = request.isLimitMeasured
    ? measuredLimit(node, compile(route))
    : { unitLimit: MAX_COMPUTE_UNITS, simulationError: null };
  const unitPrice = unitPriceOf(node, request, unitLimit);
  const bytes = compile([setComputeUnitLimit(unitLimit), setComputeUnitPrice(unitPrice), ...route]);
  return {
    swapTransaction: Buffer.from(bytes).toString('base64'),
    lastValidBlockHeight: lastValidBlockHeight(block, request),
    prioritizationFeeLamports: lamportsOf(unitPrice, unitLimit),
    computeUnitLimit: unitLimit,
    simulationError,
  };
}

/** The answer of `/swap/v1/swap-instructions`. */
export async function swapInstructions(node: DevnetNode, request: SwapRequest) {
  const { setup, swap, cleanup } = await routeInstructions(request.plan, request.trade);
  const unitPrice = unitPriceOf(node, request, MAX_COMPUTE_UNITS);
  return {
    otherInstructions: [],
    computeBudgetInstructions: [setComputeUnitLimit(MAX_COMPUTE_UNITS), setComputeUnitPrice(unitPrice)].map(
      toWire,
    ),
    setupInstructions: setup.map(toWire),
    swapInstruction: toWire(swap),
    cleanupInstruction: cleanup && toWire(cleanup),
    addressLookupTableAddresses: [],
  };
}

/** A tenth above the units of a simulation; the maximum if the swap would fail now. */
function measuredLimit({ chain }: DevnetNode, bytes: Uint8Array) {
  const transaction = parseTransaction(bytes);
  chain.prepareSysvars([transaction]);
  const { error, computeUnits } = chain.vm.simulate(transaction, { verifySignatures: false });
  if (error === null) return { unitLimit: (computeUnits * 11n) / 10n, simulationError: null };
  const simulationError = { errorCode: 'TRANSACTION_ERROR', error: JSON.stringify(error) };
  return { unitLimit: MAX_COMPUTE_UNITS, simulationError };
}

/** Micro-lamports per compute unit. */
function unitPriceOf(node: DevnetNode, { priority }: SwapRequest, unitLimit: bigint): bigint {
  switch (priority.kind) {
    case 'perUnit':
      return priority.microLamports;
    case 'total':
      return (priority.lamports * MICRO_LAMPORTS) / unitLimit;
    case 'market': {
      const price = recentPrice(node, priority.percentileBps);
      if (priority.maxLamports === null) return price;
      const most = (priority.maxLamports * MICRO_LAMPORTS) / unitLimit;
      return price < most ? price : most;
    }
  }
}

const lamportsOf = (unitPrice: bigint, unitLimit: bigint): bigint =>
  (unitPrice * unitLimit + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;

function lastValidBlockHeight({ height }: Block, { blockhashSlotsToExpiry }: SwapRequest): number {
  return height + Math.min(blockhashSlotsToExpiry, BLOCKHASH_LIFETIME_BLOCKS);
}
