import { pointAt } from './clock.ts';
import { requireU64 } from './integer.ts';
import { type Pool, spotRate, swapExactIn, swapExactOut, swapPartialFill } from './pool.ts';
import { priceImpactBps } from './slippage.ts';
import type { ExactInRequest, ExactOutRequest, PartialFillRequest, Swap } from './swap.ts';
import { type RefusalReason, SwapRefused } from './swap-refused.ts';
import { amountAfterTransferFee, amountBeforeTransferFee, type TransferFee } from './transfer-fee.ts';

/** Fees of the two mints by token index; absent or null for plain tokens. See `transferFeeAt`. */
export interface TransferFees {
  readonly transferFees?: readonly [TransferFee | null, TransferFee | null];
}

export interface SwapQuote {
  /** The user's payment, base units, transfer fee included. */
  readonly amountIn: bigint;
  /** The amount that the user receives, base units, after any transfer fee. */
  readonly amountOut: bigint;
  /** Trading fees taken from the input token and withheld from the output token, base units. */
  readonly feeIn: bigint;
  readonly feeOut: bigint;
  /** Fees of the mints themselves, base units. */
  readonly transferFeeIn: bigint;
  readonly transferFeeOut: bigint;
  /** Loss against an infinitely small swap through the same pool, rounded up. */
  readonly priceImpactBps: number;
}

export type PoolQuoteRequest =
  | ({ readonly swapMode: 'exactIn' } & ExactInRequest & TransferFees)
  | ({ readonly swapMode: 'partialFill' } & PartialFillRequest & TransferFees)
  | ({ readonly swapMode: 'exactOut' } & ExactOutRequest & TransferFees);

export type QuoteOutcome =
  | { readonly outcome: 'quoted'; readonly quote: SwapQuote }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly message: string };

/** Quotes one swap through one pool; a refusal by the pool's program is a value. Never changes `pool`. */
export function quote(pool: Pool, request: PoolQuoteRequest): QuoteOutcome {
  try {
    return { outcome: 'quoted', quote: quoteOrRefuse(pool, request) };
  } catch (error) {
    if (!(error instanceof SwapRefused)) throw error;
    return { outcome: 'refused', reason: error.reason, message: error.message };
  }
}

function quoteOrRefuse(pool: Pool, request: PoolQuoteRequest): SwapQuote {
  switch (request.swapMode) {
    case 'exactIn':
      return quoteExactIn(pool, request);
    case 'partialFill':
      return quotePartialFill(pool, request);
    case 'exactOut':
      return quoteExactOut(pool, request);
  }
}

/**
 * The quote for an exact input, with transfer fees.
 *
 * @throws {SwapRefused} The pool is closed, an amount is zero, or the program would fail.
 */
export function quoteExactIn(pool: Pool, request: ExactInRequest & TransferFees): SwapQuote {
  return quoteInput(pool, request, swapExactIn);
}

/**
 * The quote of a swap that spends at most `amountIn`, with transfer fees: the answer's `amountIn` is the part that the
 * pool takes before its price range ends.
 *
 * @throws {SwapRefused} The pool is closed, an amount is zero, or the program would fail.
 */
export function quotePartialFill(pool: Pool, request: PartialFillRequest & TransferFees): SwapQuote {
  const swapped = quoteInput(pool, request, swapPartialFill);
  return pool.kind === 'meteora-damm-v2' ? withLeastSent(swapped, feesOf(request)[0]) : swapped;
}

/**
 * DAMM v2 takes the least payment with which the swapped amount arrives, even if it swaps everything. With a fee that
 * is rounded up this payment can be one unit less than the given input.
 */
function withLeastSent(swapped: SwapQuote, feeOfIn: TransferFee | null): SwapQuote {
  const arriving = swapped.amountIn - swapped.transferFeeIn;
  const amountIn = amountBeforeTransferFee(feeOfIn, arriving);
  return { ...swapped, amountIn, transferFeeIn: amountIn - arriving };
}

function quoteInput(
  pool: Pool,
  request: ExactInRequest & TransferFees,
  swapInput: (pool: Pool, request: ExactInRequest) => Swap,
): SwapQuote {
  requireOpen(pool, request);
  const [feeOfIn, feeOfOut] = feesOf(request);
  requireU64(request.amountIn);
  const arriving = amountAfterTransferFee(feeOfIn, request.amountIn);
  if (arriving <= 0n) throw new SwapRefused('zero-amount-in');
  const swap = swapInput(pool, { ...request, amountIn: arriving });
  const isWhole = swap.amountIn === arriving;
  const amountIn = isWhole ? request.amountIn : requireU64(amountBeforeTransferFee(feeOfIn, swap.amountIn));
  const amountOut = amountAfterTransferFee(feeOfOut, swap.amountOut);
  return describe(pool, request, swap, { amountIn, amountOut });
}

/**
 * The quote for an exact output, with transfer fees.
 *
 * @throws {SwapRefused} The pool is closed, an amount is zero, or the program would fail.
 */
export function quoteExactOut(pool: Pool, request: ExactOutRequest & TransferFees): SwapQuote {
  requireOpen(pool, request);
  const [feeOfIn, feeOfOut] = feesOf(request);
  requireU64(request.amountOut);
  const leaving = requireU64(amountBeforeTransferFee(feeOfOut, request.amountOut));
  const swap = swapExactOut(pool, { ...request, amountOut: leaving });
  const amountIn = requireU64(amountBeforeTransferFee(feeOfIn, swap.amountIn));
  return describe(pool, request, swap, { amountIn, amountOut: request.amountOut });
}

function describe(
  pool: Pool,
  request: ExactInRequest | ExactOutRequest,
  swap: Swap,
  amounts: { amountIn: bigint; amountOut: bigint },
): SwapQuote {
  if (amounts.amountIn <= 0n) throw new SwapRefused('zero-amount-in');
  if (amounts.amountOut <= 0n) throw new SwapRefused('zero-amount-out');
  return {
    ...amounts,
    feeIn: swap.feeIn,
    feeOut: swap.feeOut,
    transferFeeIn: amounts.amountIn - swap.amountIn,
    transferFeeOut: swap.amountOut - amounts.amountOut,
    priceImpactBps: priceImpactBps(swap, spotRate(pool, request)),
  };
}

function requireOpen(pool: Pool, request: ExactInRequest | ExactOutRequest): void {
  const { isEnabled, opensAt, pointKind } = pool.window;
  if (!isEnabled) throw new SwapRefused('disabled');
  if (pointAt(request.clock, pointKind) < opensAt) throw new SwapRefused('not-open-yet');
}

function feesOf(request: { inputIndex: 0 | 1 } & TransferFees): [TransferFee | null, TransferFee | null] {
  const [fee0, fee1] = request.transferFees ?? [null, null];
  return request.inputIndex === 0 ? [fee0, fee1] : [fee1, fee0];
}
