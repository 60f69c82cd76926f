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
 * What a swap of the mode moves; null where the pool cannot. To one that may leave a part a pool gives no more than a
 * five-hundredth of what it holds: that is how far its range reaches.
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

/** Fee rounded up, output rounded down; null if nothing would come out. */
function outputFor({ reserveIn, reserveOut, feeBps }: Reserves, amountIn: bigint): bigint | null {
  const net = amountIn - feeOn(amountIn, feeBps);
  const amountOut = (net * reserveOut) / (reserveIn + net);
  return amountOut > 0n ? amountOut : null;
}

/** Both divisions rounded up; null if the pool does not hold that much. */
function inputFor({ reserveIn, reserveOut, feeBps }: Reserves, amountOut: bigint): bigint | null {
  if (amountOut >= reserveOut) return null;
  const net = ceilDiv(reserveIn * amountOut, reserveOut - amountOut);
  return ceilDiv(net * 10_000n, 10_000n - BigInt(feeBps));
}

export const feeOn = (amountIn: bigint, feeBps: number): bigint =>
  ceilDiv(amountIn * BigInt(feeBps), 10_000n);
const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
