import type { SwapMode } from '../../domain/quote.ts';
import type { Token } from '../../domain/token.ts';

/** A constant-product pool of the in-process exchange. */
export interface MemoryPool {
  readonly venue: string;
  readonly address: string;
  readonly tokenA: Token;
  readonly tokenB: Token;
  readonly feeBps: number;
}

export const vaultOf = (pool: MemoryPool, token: Token): string => `${pool.address}/${token.mint}`;

interface Reserves {
  readonly reserveIn: bigint;
  readonly reserveOut: bigint;
  readonly feeBps: number;
}

/**
 * The amounts that a swap of this mode moves; null where the pool cannot execute it. To a partial fill a pool gives at
 * most a five-hundredth of its balance: there its price range ends.
 */
export function movedBy(
  reserves: Reserves,
  swapMode: SwapMode,
  given: bigint,
): { amountIn: bigint | null; amountOut: bigint | null } {
  if (swapMode === 'exactOut') return { amountIn: inputFor(reserves, given), amountOut: given };
  const room = swapMode === 'partialFill' ? inputFor(reserves, reserves.reserveOut / 500n) : null;
  const amountIn = room !== null && room < given ? room : given;
  return { amountIn, amountOut: outputFor(reserves, amountIn) };
}

/** Fee rounded up, output rounded down; null if the output would be zero. */
function outputFor({ reserveIn, reserveOut, feeBps }: Reserves, amountIn: bigint): bigint | null {
  const net = amountIn - feeOn(amountIn, feeBps);
  const amountOut = (net * reserveOut) / (reserveIn + net);
  return amountOut > 0n ? amountOut : null;
}

/** Both divisions rounded up; null if the output exceeds the pool's balance. */
function inputFor({ reserveIn, reserveOut, feeBps }: Reserves, amountOut: bigint): bigint | null {
  if (amountOut >= reserveOut) return null;
  const net = ceilDiv(reserveIn * amountOut, reserveOut - amountOut);
  return ceilDiv(net * 10_000n, 10_000n - BigInt(feeBps));
}

export const feeOn = (amountIn: bigint, feeBps: number): bigint =>
  ceilDiv(amountIn * BigInt(feeBps), 10_000n);
const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
