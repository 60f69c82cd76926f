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
  /** The sum of all readings but the last, each times the milliseconds until the next one. */
  #sum = 0n;

  /** Notes a price and returns the mean up to now. Times do not decrease; one that does counts as the one before. */
  note(price: Price, atMs: number): Price {
    const last = this.#readings.at(-1);
    const now = Math.max(atMs, last?.atMs ?? atMs);
    if (last) this.#sum += areaUntil(now, last);
    this.#readings.push({ atMs: now, price: (price.numerator * DENOMINATOR) / price.denominator });
    const from = now - WINDOW_MS;
    // The last reading before the window counts for its beginning.
    while (this.#readings.length > 1 && this.#readings[1]!.atMs <= from)
      this.#sum -= areaUntil(this.#readings[1]!.atMs, this.#readings.shift()!);
    const first = this.#readings[0]!;
    const span = BigInt(now - Math.max(first.atMs, from));
    if (span === 0n) return price;
    const before = first.atMs < from ? areaUntil(from, first) : 0n;
    return { numerator: this.#sum - before, denominator: span * DENOMINATOR };
  }
}

const areaUntil = (untilMs: number, { atMs, price }: Reading): bigint => price * BigInt(untilMs - atMs);
