import type { BaseUnits } from '../domain/amount.ts';
import type { MarketState } from '../domain/pool-state.ts';
import type { Leg, QuoteAnswer, QuoteRequest, Route, SwapMode } from '../domain/quote.ts';
import type { Token } from '../domain/token.ts';
import type { Instruction, LookupTable } from './chain.ts';

/** A liquidity account that a venue can swap through. */
export interface PoolInfo {
  readonly venue: string;
  readonly address: string;
  readonly kind: string;
  readonly tokenA: Token;
  readonly tokenB: Token;
  /** The current base fee, hundredths of a percent; parts of a basis point are kept. */
  readonly feeBps: number;
  /** Base units; null while the pool was not read yet. */
  readonly reserveA: BaseUnits | null;
  readonly reserveB: BaseUnits | null;
  /** Slot of the reserves. */
  readonly slot: bigint | null;
}

/** A place that can execute a swap. */
export interface Venue {
  readonly name: string;
  pools(): readonly PoolInfo[];
  /**
   * Looks for pools that were launched since, and for what else has changed about those it knows. May be repeated.
   * Absent from a venue whose pools are not known here, or never change.
   *
   * @returns The addresses of all pools that exist, those included that cannot be traded here.
   * @throws {ChainUnavailable} The search failed; known pools stay.
   */
  discover?(): Promise<readonly string[]>;
  /**
   * Offers for the request, one answer per candidate; empty if the venue has none for the pair.
   * Resolves before the signal aborts or soon after; trouble is an answer (`unavailable`), not a rejection.
   */
  quote(request: QuoteRequest, signal: AbortSignal): Promise<readonly QuoteAnswer[]>;
  /**
   * The pools as the newest slot shows them, for routes over several; null where they cannot be read in time.
   * Absent from a venue that offers routes of its own only.
   */
  market?(signal: AbortSignal): Promise<MarketState | null>;
  /**
   * The instructions of one leg with its limits, which the venue's program enforces.
   * @throws {ChainUnavailable} They could not be had now; nothing was signed.
   */
  swapInstructions(swap: LegSwap): SwapInstructions | Promise<SwapInstructions>;
  /**
   * The instructions of a whole route of the venue's own offer, in place of one call per leg. Absent from a venue that
   * builds legs.
   * @throws {ChainUnavailable} They could not be had now; nothing was signed.
   * @throws {RouteUnavailable} The venue no longer offers a route within these limits.
   * @throws {VenueUnavailable} The venue is unavailable now.
   * @throws {OfferNotBuilt} It answered, but did not build its offer.
   * @throws {PolicyRefused} Its answer holds what the signer would refuse.
   */
  routeInstructions?(swap: RouteSwap): Promise<RouteInstructions>;
}

export interface LegSwap {
  /** As the venue's own quote, or a route over its `market`, gave it. */
  readonly leg: Leg;
  readonly payer: string;
  readonly tokenAccountIn: string;
  readonly tokenAccountOut: string;
  /**
   * exactIn: `amountIn` is taken and at least `amountOut` delivered; exactOut: at most `amountIn` for `amountOut`;
   * partialFill: at most `amountIn` is taken, all of it by a program that cannot leave a part, and at least `amountOut` delivered.
   */
  readonly swapMode: SwapMode;
  readonly amountIn: BaseUnits;
  readonly amountOut: BaseUnits;
}

export interface RouteSwap {
  /** As the venue's own quote gave it. */
  readonly route: Route;
  readonly payer: string;
  /** Base units that are taken. */
  readonly amountIn: BaseUnits;
  /** Base units that must arrive at least; the instructions enforce it together. */
  readonly minAmountOut: BaseUnits;
}

export interface SwapInstructions {
  /** In the order in which they run. */
  readonly instructions: readonly Instruction[];
  /** Tables that can shorten the transaction; none for most pools. */
  readonly lookupTables: readonly LookupTable[];
}

/** They name the wallet's associated token accounts, and create none. */
export interface RouteInstructions extends SwapInstructions {
  /** The legs that these instructions swap; they may lead through other pools than the quote's. */
  readonly legs: readonly Leg[];
}

/** The venue was unavailable or timed out: that says nothing about its offer. */
export class VenueUnavailable extends Error {
  override name = 'VenueUnavailable';
}

/** The venue answered but did not build its offer. */
export class OfferNotBuilt extends Error {
  override name = 'OfferNotBuilt';
}

/** The offer is gone: its price is beyond the limit now. Another try may find a better one. */
export class RouteUnavailable extends Error {
  override name = 'RouteUnavailable';
}
