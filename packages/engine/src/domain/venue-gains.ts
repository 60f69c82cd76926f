import type { QuoteRequest, Route } from './quote.ts';

const MAX_GAINS = 20;
/** With fewer answers nothing is known of the gain. */
const LEAST_GAINS = 5;
const MAX_PAIRS = 1_000;

/**
 * What the offers of venues outside the engine's own pools were better than its own best, per venue and pair, in the last rounds.
 * Floats: they decide how long to wait, never an amount.
 */
export class VenueGains {
  readonly #gains = new Map<string, readonly number[]>();

  /** @param gainBps 0 if the venue was no better, or had no offer in time. */
  note(venue: string, request: QuoteRequest, gainBps: number): void {
    const key = keyOf(venue, request);
    const before = this.#gains.get(key) ?? [];
    this.#gains.delete(key);
    this.#gains.set(key, [...before, gainBps].slice(-MAX_GAINS));
    const [oldest] = this.#gains.keys();
    if (this.#gains.size > MAX_PAIRS && oldest !== undefined) this.#gains.delete(oldest);
  }

  /** The mean of the last gains, basis points; null if too few are known. */
  expectedBps(venue: string, request: QuoteRequest): number | null {
    const gains = this.#gains.get(keyOf(venue, request)) ?? [];
    if (gains.length < LEAST_GAINS) return null;
    return gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  }
}

const keyOf = (venue: string, { tokenIn, tokenOut, swapMode }: QuoteRequest): string =>
  [venue, tokenIn.mint, tokenOut.mint, swapMode].join(' ');

/** By how much one route's price is better than another's, basis points with two decimals; 0 if it is not. */
export function gainBps(route: Route, over: Route): number {
  const whole = over.amountOut * route.amountIn;
  const gained = route.amountOut * over.amountIn - whole;
  return gained <= 0n || whole <= 0n ? 0 : Number((gained * 1_000_000n) / whole) / 100;
}
