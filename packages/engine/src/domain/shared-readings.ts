import { type Moment, msBetween } from './moment.ts';

/** A younger reading is as good as a new one: about one slot of Solana. */
const YOUNG_MS = 400;
/** Without a caller in this time a key is forgotten. */
const FORGOTTEN_MS = 600_000;
const MAX_KEYS = 100;
/** Of slots that pass faster than Solana's, or when a devnet is moved on by hand, a reading is not shared for more than these. */
const MOST_SLOTS = 9n;

interface Dated<V> {
  readonly value: V;
  /** When its reading began. */
  readonly since: Moment;
  /** The newest slot at that time. */
  readonly slot: bigint;
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
  readonly #newestSlot: () => bigint;

  /**
   * @param mostMs     Age from which a reading is shared no more.
   * @param newestSlot Slot of the chain; a reading is also shared no more after ten of them.
   */
  constructor(mostMs: number, newestSlot: () => bigint) {
    this.#mostMs = mostMs;
    this.#newestSlot = newestSlot;
  }

  /** A shared reading of this key, or else a new one by `ask`. A reading that failed is not shared any further. */
  read(key: string, now: Moment, ask: () => Promise<T>): Promise<T> {
    const entry: Entry<T> = Object.assign(this.#entries.get(key) ?? {}, { ask, usedAt: now });
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#forgetOld(now);
    const reading = this.#renew(entry, now);
    const { last } = entry;
    return last && this.#isWithin(this.#mostMs, last, now) ? Promise.resolve(last.value) : reading;
  }

  /** Reads anew those of the last used keys that are not young, so that the next caller need not wait. */
  renew(now: Moment, mostKeys: number): void {
    this.#forgetOld(now);
    for (const entry of [...this.#entries.values()].slice(-mostKeys)) this.#renew(entry, now);
  }

  /** The reading under way or the last one if it is young, otherwise a new one. */
  #renew(entry: Entry<T>, now: Moment): Promise<T> {
    const { last, underWay } = entry;
    if (underWay && this.#isWithin(YOUNG_MS, underWay, now)) return underWay.value;
    if (last && this.#isWithin(YOUNG_MS, last, now)) return Promise.resolve(last.value);
    const slot = this.#newestSlot();
    const begun = { value: entry.ask(), since: now, slot };
    entry.underWay = begun;
    begun.value.then(
      (value) => {
        const isNewest = !entry.last || msBetween(entry.last.since, now) > 0;
        if (isNewest) entry.last = { value, since: now, slot };
        if (entry.underWay === begun) delete entry.underWay;
      },
      () => {
        if (entry.underWay === begun) delete entry.underWay;
      },
    );
    return begun.value;
  }

  #isWithin(ms: number, { since, slot }: Dated<unknown>, now: Moment): boolean {
    return msBetween(since, now) < ms && this.#newestSlot() - slot <= MOST_SLOTS;
  }

  #forgetOld(now: Moment): void {
    for (const [key, { usedAt }] of this.#entries) {
      if (this.#entries.size <= MAX_KEYS && msBetween(usedAt, now) < FORGOTTEN_MS) return;
      this.#entries.delete(key);
    }
  }
}
