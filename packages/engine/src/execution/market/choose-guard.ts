import type { QuoteRequest } from '../../domain/quote.ts';
import type { ExecutionGuard } from '../../domain/receipt.ts';
import type { WatchedWorld } from './market-watch.ts';
import { worthInLamports } from './worth-in-lamports.ts';

/**
 * The guard that an order asks for, or that its wallet's setting and its size give it. Where it matters how large the order
 * is and nobody can say, it is taken for a large one.
 */
export function chooseGuard(
  world: WatchedWorld,
  asked: ExecutionGuard | undefined,
  { swapMode, tokenIn, tokenOut, amount }: QuoteRequest,
): ExecutionGuard {
  const { executionGuard, strictFromLamports } = world.limits;
  if (asked) return asked;
  if (strictFromLamports === 0n) return executionGuard;
  const worth = worthInLamports(world, swapMode === 'exactOut' ? tokenOut : tokenIn, amount);
  return worth === null || worth >= strictFromLamports ? 'strict' : executionGuard;
}
