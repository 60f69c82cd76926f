import { type OrderId, toOrderId } from './order.ts';
import { NONE } from './pairing-heaps.ts';

const WORDS = 4;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Numbers order ids. An id takes 24 bytes; numbers of ids that left are given again. */
export class OrderIdTable {
  /** Four 32-bit words of each id: comparing them makes no objects, unlike 64-bit words. */
  #words = new Uint32Array(0);
  #firstOfBucket = new Int32Array(0);
  /** The next number of the same bucket; of numbers that are free, the next free one. */
  #next = new Int32Array(0);
  #free = NONE;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get capacity(): number {
    return this.#next.length;
  }

  /** The number of an id, or `NONE`. */
  find(orderId: OrderId): number {
    if (this.capacity === 0) return NONE;
    const words = wordsOf(orderId);
    let index = this.#firstOfBucket[this.#bucketOf(words)]!;
    while (index !== NONE && !this.#holds(index, words)) index = this.#next[index]!;
    return index;
  }

  /** Numbers an id that the table does not have; it must not be full. */
  add(orderId: OrderId): number {
    if (!UUID.test(orderId)) throw new Error(`not the id of an order: ${orderId}`);
    const words = wordsOf(orderId);
    const index = this.#free;
    this.#words.set(words, index * WORDS);
    this.#free = this.#next[index]!;
    const bucket = this.#bucketOf(words);
    this.#next[index] = this.#firstOfBucket[bucket]!;
    this.#firstOfBucket[bucket] = index;
    this.#size += 1;
    return index;
  }

  drop(index: number): void {
    const bucket = this.#bucketOf(this.#words.subarray(index * WORDS, (index + 1) * WORDS));
    const next = this.#next[index]!;
    if (this.#firstOfBucket[bucket] === index) this.#firstOfBucket[bucket] = next;
    else {
      let before = this.#firstOfBucket[bucket]!;
      while (this.#next[before] !== index) before = this.#next[before]!;
      this.#next[before] = next;
    }
    this.#next[index] = this.#free;
    this.#free = index;
    this.#size -= 1;
  }

  idOf(index: number): OrderId {
    let hex = '';
    for (let word = index * WORDS; word < (index + 1) * WORDS; word += 1)
      hex += this.#words[word]!.toString(16).padStart(8, '0');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
    return toOrderId(parts.join('-'));
  }

  /** Whether the first id sorts before the second, as texts do. */
  isBefore(one: number, other: number): boolean {
    for (let word = 0; word < WORDS; word += 1) {
      const difference = this.#words[one * WORDS + word]! - this.#words[other * WORDS + word]!;
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  /** Makes room for more ids once the table is full. */
  grow(capacity: number): void {
    const known = this.capacity;
    const words = new Uint32Array(capacity * WORDS);
    words.set(this.#words);
    this.#words = words;
    this.#firstOfBucket = new Int32Array(capacity).fill(NONE);
    this.#next = new Int32Array(capacity);
    for (let index = 0; index < known; index += 1) {
      const bucket = this.#bucketOf(words.subarray(index * WORDS, (index + 1) * WORDS));
      this.#next[index] = this.#firstOfBucket[bucket]!;
      this.#firstOfBucket[bucket] = index;
    }
    for (let index = capacity - 1; index >= known; index -= 1) {
      this.#next[index] = this.#free;
      this.#free = index;
    }
  }

  #holds(index: number, words: ArrayLike<number>): boolean {
    for (let word = 0; word < WORDS; word += 1)
      if (this.#words[index * WORDS + word] !== words[word]) return false;
    return true;
  }

  /** The last words of an id are drawn by chance, so they spread well. */
  #bucketOf(words: ArrayLike<number>): number {
    return ((words[2]! ^ words[3]!) >>> 0) % this.#firstOfBucket.length;
  }
}

function wordsOf(orderId: OrderId): readonly [number, number, number, number] {
  const word = (from: number) => Number.parseInt(orderId.slice(from, from + 4), 16);
  const tail = (from: number) => Number.parseInt(orderId.slice(from, from + 8), 16);
  return [tail(0), word(9) * 0x1_0000 + word(14), word(19) * 0x1_0000 + word(24), tail(28)];
}
