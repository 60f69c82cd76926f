import type { BaseUnits } from '../domain/amount.ts';
import type { Leg, QuoteAnswer, QuoteRequest } from '../domain/quote.ts';
import type { Token } from '../domain/token.ts';
import type { Instruction } from './chain.ts';

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
   * Offers for the request, one answer per candidate pool; empty if the venue has none for the pair.
   * Resolves before the signal aborts or soon after; trouble is an answer (`unavailable`), not a rejection.
   */
  quote(request: QuoteRequest, signal: AbortSignal): Promise<readonly QuoteAnswer[]>;
  /** The instruction of one leg with its limits; the program enforces them. */
  swapInstruction(swap: LegSwap): Instruction;
}

export interface LegSwap {
  readonly leg: Leg;
  readonly payer: string;
  readonly tokenAccountIn: string;
  readonly tokenAccountOut: string;
  /** exactIn: `amountIn` is taken and at least `amountOut` delivered; exactOut: at most `amountIn` for `amountOut`. */
  readonly swapMode: 'exactIn' | 'exactOut';
  readonly amountIn: BaseUnits;
  readonly amountOut: BaseUnits;
}
