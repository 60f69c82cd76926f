import { type Moment, msBetween } from './moment.ts';

/** About one slot of Solana. */
const MOST_MS = 400;

/** Readings of the chain that callers share by key: one that began less than 400 ms ago, even if it is still under way. */
export class SharedReadings<T> {
  /** Oldest first. */
  readonly #readings = new Map<string, { readonly since: Moment; readonly reading: Promise<T> }>();

  /** The shared reading of this key, or else a new one by `ask`. A reading that failed is not shared any further. */
  read(key: string, now: Moment, ask: () => Promise<T>): Promise<T> {
    this.#forgetOld(now);
    const known = this.#readings.get(key);
    if (known) return known.reading;
    const reading = ask();
    const entry = { since: now, reading };
    this.#readings.set(key, entry);
    reading.catch(() => {
      if (this.#readings.get(key) === entry) this.#readings.delete(key);
    });
    return reading;
  }

  #forgetOld(now: Moment): void {
    for (const [key, { since }] of this.#readings) {
      if (msBetween(since, now) < MOST_MS) return;
      this.#readings.delete(key);
    }
  }
}
