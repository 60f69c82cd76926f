import type { Engine } from '../../execution/engine.ts';
import { isTooOld, type Pair, type PairPrice, pairPrice } from '../../execution/market/pair-price.ts';
import { ageOf, namesOf, ratesOf } from '../prices.ts';

/** The price of a pair as the streams show it. */
export interface ShownPrice {
  /** Grows with each change of the price, at most once per slot; 0 before the first reading. */
  readonly version: number;
  /** The newest price as a frame, with its age at this moment. */
  frame(): string;
}

export interface PriceBoard {
  /**
   * Keeps the prices of these pairs up to date.
   *
   * @param changed Called when any price on the board may have changed.
   * @returns The prices, each pair once, and an end to it.
   */
  watch(
    pairs: readonly Pair[],
    changed: () => void,
  ): { readonly prices: readonly ShownPrice[]; readonly leave: () => void };
}

/** How often the board checks that its prices are not too old: no change of the market tells that. */
const CHECK_MS = 1_000;
const NO_RATES = { mid: null, buy: null, sell: null };
const GONE = JSON.stringify(NO_RATES);

/** The prices that any socket watches: each is computed and written once for all of them. */
export function createPriceBoard(engine: Engine): PriceBoard {
  const { clock, market } = engine;
  const entries = new Map<string, Entry>();
  const watchers = new Set<() => void>();
  let stop = (): void => {};

  function look(): void {
    for (const entry of entries.values()) entry.look();
    for (const changed of watchers) changed();
  }

  function start(): void {
    const leave = market.onChange(look);
    const check = (): void => {
      cancel = clock.after(CHECK_MS, check);
      look();
    };
    let cancel = clock.after(CHECK_MS, check);
    stop = () => {
      leave();
      cancel();
    };
  }

  function enter(pair: Pair, key: string): Entry {
    const entry = entries.get(key) ?? new Entry(engine, pair);
    entries.set(key, entry);
    entry.sockets += 1;
    if (entry.version === 0) entry.look();
    return entry;
  }

  return {
    watch(pairs, changed) {
      if (watchers.size === 0) start();
      const watcher = (): void => changed(); // Its own, since a caller may watch twice with the same function.
      watchers.add(watcher);
      const named = new Map(pairs.map((pair) => [`${pair.tokenIn.mint} ${pair.tokenOut.mint}`, pair]));
      const prices = [...named].map(([key, pair]) => enter(pair, key));
      return {
        prices,
        leave() {
          if (!watchers.delete(watcher)) return;
          for (const key of named.keys()) {
            const entry = entries.get(key) as Entry;
            entry.sockets -= 1;
            if (entry.sockets === 0) entries.delete(key);
          }
          if (watchers.size === 0) stop();
        },
      };
    },
  };
}

class Entry implements ShownPrice {
  readonly #engine: Engine;
  readonly #pair: Pair;
  #reading: Pick<PairPrice, 'slot' | 'readAt'> | null = null;
  #rates = '';
  /** Slot of the last change. */
  #changedIn: bigint | null = null;
  #text = '';
  version = 0;
  /** Number of sockets that watch it. */
  sockets = 0;

  constructor(engine: Engine, pair: Pair) {
    this.#engine = engine;
    this.#pair = pair;
  }

  /** Takes the newest price. A second change within a slot waits for the next slot. */
  look(): void {
    const price = pairPrice(this.#engine, this.#pair);
    if (!price) return;
    const isGone = isTooOld(this.#engine, price);
    const shown = isGone ? NO_RATES : ratesOf(this.#pair, price);
    const rates = JSON.stringify(shown);
    const { slot } = price;
    const isChange = rates !== this.#rates;
    const isSecond = slot === this.#changedIn && !isGone && this.#rates !== GONE;
    if (isChange && isSecond) return;
    if (isChange) {
      this.version += 1;
      this.#changedIn = slot;
    }
    if (isChange || slot !== this.#reading?.slot) {
      const frame = { type: 'price', ...namesOf(this.#pair), ...shown, slot: Number(slot) };
      this.#text = JSON.stringify(frame).slice(0, -1);
    }
    this.#rates = rates;
    this.#reading = price;
  }

  frame(): string {
    const ageMs = this.#reading ? ageOf(this.#engine.clock, this.#reading) : null;
    return `${this.#text},"ageMs":${ageMs}}`;
  }
}
