import { type Moment, msBetween } from './moment.ts';

/** A younger reading is as good as a new one: about one slot of Solana. */
const YOUNG_MS = 400;
/** Without a caller in this time a key is forgotten. */
const FORGOTTEN_MS = 600_000;
const MAX_KEYS = 100;

interface Dated<V> {
  readonly value: V;
  /** When its reading began. */
  readonly since: Moment;
}

interface Entry<T> {
  ask: () => Promise<T>;
  usedAt: Moment;
  last?: Dated<T>;
  /** The newest reading, until it succeeds or fails. */
  underWay?: Dated<Promise<T>>;
}

/**
 * Readings of the chain that callers share by key. The first caller after 400 ms begins a new one, but waits for it only if
 * the last is too old.
 */
export class SharedReadings<T> {
  /** By key, the one that was used last at the end. */
  readonly #entries = new Map<string, Entry<T>>();
  readonly #mostMs: number;

  /** @param mostMs Age from which a reading is shared no more. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** A shared reading of this key, or else a new one by `ask`. A reading that failed is not shared any further. */
  read(key: string, now: Moment, ask: () => Promise<T>): Promise<T> {
    const entry: Entry<T> = Object.assign(this.#entries.get(key) ?? {}, { ask, usedAt: now });
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#forgetOld(now);
    const reading = this.#renew(entry, now);
    const { last } = entry;
    return last && msBetween(last.since, now) < this.#mostMs ? Promise.resolve(last.value) : reading;
  }

  /** Reads anew those of the last used keys that are not young, so that the next caller need not wait. */
  renew(now: Moment, mostKeys: number): void {
    this.#forgetOld(now);
    for (const entry of [...this.#entries.values()].slice(-mostKeys)) this.#renew(entry, now);
  }

  /** The reading under way or the last one if it is young, otherwise a new one. */
  #renew(entry: Entry<T>, now: Moment): Promise<T> {
    const { last, underWay } = entry;
    if (underWay && msBetween(underWay.since, now) < YOUNG_MS) return underWay.value;
    if (last && msBetween(last.since, now) < YOUNG_MS) return Promise.resolve(last.value);
    const begun = { value: entry.ask(), since: now };
    entry.underWay = begun;
    begun.value.then(
      (value) => {
        const isNewest = !entry.last || msBetween(entry.last.since, now) > 0;
        if (isNewest) entry.last = { value, since: now };
        if (entry.underWay === begun) delete entry.underWay;
      },
      () => {
        if (entry.underWay === begun) delete entry.underWay;
      },
    );
    return begun.value;
  }

  #forgetOld(now: Moment): void {
    for (const [key, { usedAt }] of this.#entries) {
      if (this.#entries.size <= MAX_KEYS && msBetween(usedAt, now) < FORGOTTEN_MS) return;
      this.#entries.delete(key);
    }
  }
}
