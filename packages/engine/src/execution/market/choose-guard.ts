import type { QuoteRequest } from '../../domain/quote.ts';
import type { ExecutionGuard } from '../../domain/receipt.ts';
import type { WithMarket } from './market-watch.ts';
import { worthInLamports } from './worth-in-lamports.ts';

/**
 * The guard that an order asks for, or else the one that follows from the settings and the order's worth. Where it matters how large the order
 * is and no rate is known, it counts as large.
 */
export function chooseGuard(
  ports: WithMarket,
  asked: ExecutionGuard | undefined,
  { swapMode, tokenIn, tokenOut, amount }: QuoteRequest,
): ExecutionGuard {
  const { executionGuard, strictFromLamports } = ports.limits;
  if (asked) return asked;
  if (strictFromLamports === 0n) return executionGuard;
  const worth = worthInLamports(ports, swapMode === 'exactOut' ? tokenOut : tokenIn, amount);
  return worth === null || worth >= strictFromLamports ? 'strict' : executionGuard;
}
