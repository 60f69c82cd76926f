import type { Price } from './price.ts';

/** Over which time prices are averaged. */
const WINDOW_MS = 60_000;
const DENOMINATOR = 1n << 128n;

interface Reading {
  readonly atMs: number;
  /** Numerator over `DENOMINATOR`. */
  readonly price: bigint;
}

/**
 * The time-weighted mean of a price over the last minute: each reading counts for the time until the next one. Of a shorter history it is
 * the mean of what there is.
 */
export class Twap {
  readonly #readings: Reading[] = [];

  /** Notes a price and returns the mean up to now. Times do not decrease; one that does counts as the one before. */
  note(price: Price, atMs: number): Price {
    const now = Math.max(atMs, this.#readings.at(-1)?.atMs ?? atMs);
    // The last reading before the window counts for its beginning.
    while (this.#readings.length > 1 && this.#readings[1]!.atMs <= now - WINDOW_MS) this.#readings.shift();
    this.#readings.push({ atMs: now, price: (price.numerator * DENOMINATOR) / price.denominator });
    let sum = 0n;
    for (const [index, { atMs: from, price: held }] of this.#readings.entries()) {
      const until = this.#readings[index + 1]?.atMs ?? now;
      sum += held * BigInt(until - Math.max(from, now - WINDOW_MS));
    }
    const span = BigInt(now - Math.max(this.#readings[0]!.atMs, now - WINDOW_MS));
    return span === 0n ? price : { numerator: sum, denominator: span * DENOMINATOR };
  }
}
