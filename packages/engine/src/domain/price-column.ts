import { comparePrices, type Price } from './price.ts';

const WORDS = 4;
const HALF_BITS = 64n;
const MAX_BITS = 128n;

/** Exact prices of numbered items, 32 bytes each: numerator and denominator of 128 bits. Longer ones are kept apart. */
export class PriceColumn {
  #words = new BigUint64Array(0);
  /** The same memory: comparing these makes no objects. */
  #halves = new Uint32Array(0);
  readonly #long = new Map<number, Price>();

  set(index: number, price: Price): void {
    const { numerator, denominator } = price;
    this.clear(index);
    if (numerator >> MAX_BITS || denominator >> MAX_BITS) {
      this.#long.set(index, price);
      return;
    }
    // The array keeps the low 64 bits of what it is given.
    this.#words[index * WORDS] = numerator;
    this.#words[index * WORDS + 1] = numerator >> HALF_BITS;
    this.#words[index * WORDS + 2] = denominator;
    this.#words[index * WORDS + 3] = denominator >> HALF_BITS;
  }

  get(index: number): Price {
    const [low, high, lowBelow, highBelow] = this.#words.subarray(index * WORDS, (index + 1) * WORDS);
    return (
      this.#long.get(index) ?? {
        numerator: (high! << HALF_BITS) | low!,
        denominator: (highBelow! << HALF_BITS) | lowBelow!,
      }
    );
  }

  clear(index: number): void {
    this.#long.delete(index);
    this.#words.fill(0n, index * WORDS, (index + 1) * WORDS);
  }

  compare(one: number, other: number): number {
    return this.#isSame(one, other) ? 0 : comparePrices(this.get(one), this.get(other));
  }

  grow(capacity: number): void {
    const words = new BigUint64Array(capacity * WORDS);
    words.set(this.#words);
    this.#words = words;
    this.#halves = new Uint32Array(words.buffer);
  }

  /** Most orders of one price were given the same text, so they have the same words. Those of a price kept apart are zero. */
  #isSame(one: number, other: number): boolean {
    const halves = WORDS * 2;
    let bits = 0;
    for (let half = 0; half < halves; half += 1) {
      const here = this.#halves[one * halves + half]!;
      if (here !== this.#halves[other * halves + half]) return false;
      bits |= here;
    }
    return bits !== 0;
  }
}
