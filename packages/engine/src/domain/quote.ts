import type { BaseUnits } from './amount.ts';
import type { Moment } from './moment.ts';
import type { Token } from './token.ts';

/**
 * exactIn      all of `amount` is spent
 * exactOut     exactly `amount` is received
 * partialFill  as much of `amount` is spent as there is room for; the rest stays in the wallet
 */
export type SwapMode = 'exactIn' | 'exactOut' | 'partialFill';

/** The modes of routes over several pools: what one pool leaves, another would lack. */
export type WholeSwapMode = Exclude<SwapMode, 'partialFill'>;

/** A request to a venue: one side of the swap is given. */
export interface QuoteRequest {
  readonly tokenIn: Token;
  readonly tokenOut: Token;
  readonly swapMode: SwapMode;
  /** Base units of tokenOut when exactOut, of tokenIn otherwise. */
  readonly amount: BaseUnits;
}

/** A request for a route over several pools. */
export interface WholeQuoteRequest extends QuoteRequest {
  readonly swapMode: WholeSwapMode;
}

/** What a venue is asked for an order, or for anything else that names the same swap. */
export const quoteRequestOf = ({ tokenIn, tokenOut, swapMode, amount }: QuoteRequest): QuoteRequest => ({
  tokenIn,
  tokenOut,
  swapMode,
  amount,
});

/** One swap through one pool. */
export interface Leg {
  readonly venue: string;
  readonly pool: string;
  readonly poolKind: string;
  readonly tokenIn: Token;
  readonly tokenOut: Token;
  readonly amountIn: BaseUnits;
  readonly amountOut: BaseUnits;
  /** The venue's own fee, in base units of `feeToken`; null where the venue keeps it to itself. Amounts are net of it. */
  readonly fee: BaseUnits | null;
  readonly feeToken: Token;
  /**
   * Token accounts of the pool that receive the input and pay the output; fills are read from them. Null where the
   * venue's program does not name them; then what lies between passes through accounts of its own, not the wallet's.
   */
  readonly vaultIn: string | null;
  readonly vaultOut: string | null;
}

/** The plan from input to output. */
export interface Route {
  readonly legs: readonly Leg[];
  readonly amountIn: BaseUnits;
  readonly amountOut: BaseUnits;
}

/** A venue's offer at a slot. `amountOut` is net of every venue fee. */
export interface Quote {
  readonly venue: string;
  readonly route: Route;
  readonly priceImpactBps: number;
  /** Slot of the account data behind the quote. */
  readonly slot: bigint;
  /** When that data was read; absent where the venue does not say. */
  readonly readAt?: Moment | undefined;
  /**
   * What an infinitely small swap's rate after fees would move: output for an exact input, input for an exact output.
   * Absent where the venue does not say; then it follows from the price impact.
   */
  readonly spotAmount?: BaseUnits | undefined;
}

/** One candidate's answer: an offer, or why there is none. */
export type QuoteAnswer =
  | { readonly outcome: 'quoted'; readonly quote: Quote; readonly answerMs: number }
  | {
      readonly outcome: 'refused';
      readonly venue: string;
      readonly pool: string | null;
      readonly code: QuoteRefusalCode;
      readonly reason: string;
      readonly answerMs: number;
    };

/** An answer with its age when it came. */
export type Candidate =
  | (Extract<QuoteAnswer, { outcome: 'quoted' }> & {
      /** Slots between the quote's pool data and the newest known slot. */
      readonly slotsBehind: number;
      /** Milliseconds since that data was read; null where the venue does not say. */
      readonly ageMs: number | null;
    })
  | Extract<QuoteAnswer, { outcome: 'refused' }>;

export type QuoteRefusalCode =
  | 'no_pool'
  | 'refused_by_pool'
  | 'timeout'
  | 'unavailable'
  | 'chain_unavailable'
  | 'engine_late'
  /** The engine itself skipped the request, so the refusal says nothing about the venue. */
  | 'not_asked'
  /** The venue was asked, and the order went on before it answered. */
  | 'not_awaited'
  | 'unsupported'
  | 'too_large'
  | 'stale'
  | 'sidelined'
  | 'left_out'
  | 'price_impact'
  | 'below_floor';
