/** No item: an empty heap, or the end of a list. */
export const NONE = -1;

/**
 * Many heaps over numbered items, which are linked in typed arrays, so that an item takes 12 bytes. A heap is the number of its first
 * item, or `NONE`; an item is in one heap at most. Two heaps meld in constant time, and an item leaves in a time that is logarithmic on
 * average (Fredman, Sedgewick, Sleator, Tarjan: The Pairing Heap, 1986).
 */
export class PairingHeaps {
  readonly #isBefore: (one: number, other: number) => boolean;
  #child = new Int32Array(0);
  #next = new Int32Array(0);
  /** The item before in the list of children, of the first child the parent. */
  #previous = new Int32Array(0);

  /** @param isBefore A total order of the items of a heap. It must not change while they are in the heap. */
  constructor(isBefore: (one: number, other: number) => boolean) {
    this.#isBefore = isBefore;
  }

  /** Makes room for the items from 0 to `capacity` - 1. */
  grow(capacity: number): void {
    this.#child = grown(this.#child, capacity);
    this.#next = grown(this.#next, capacity);
    this.#previous = grown(this.#previous, capacity);
  }

  /** Joins two heaps, or adds an item that is in none: a single item is a heap. */
  meld(one: number, other: number): number {
    if (one === NONE) return other;
    if (other === NONE) return one;
    const isFirst = this.#isBefore(one, other);
    const parent = isFirst ? one : other;
    const child = isFirst ? other : one;
    const sibling = this.#child[parent]!;
    this.#next[child] = sibling;
    if (sibling !== NONE) this.#previous[sibling] = child;
    this.#previous[child] = parent;
    this.#child[parent] = child;
    return parent;
  }

  /** The heap without one of its items. */
  remove(heap: number, item: number): number {
    const rest = this.#joinSiblings(this.#child[item]!);
    this.#child[item] = NONE;
    if (item === heap) return rest;
    const [previous, next] = [this.#previous[item]!, this.#next[item]!];
    if (this.#child[previous] === item) this.#child[previous] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#detach(item);
    return this.meld(heap, rest);
  }

  /** Melds a list of siblings in pairs and then the pairs, last one first: this order keeps later removals cheap. */
  #joinSiblings(first: number): number {
    let pairs = NONE;
    for (let one = first; one !== NONE; ) {
      const other = this.#next[one]!;
      const rest = other === NONE ? NONE : this.#next[other]!;
      this.#detach(one);
      if (other !== NONE) this.#detach(other);
      const pair = this.meld(one, other);
      this.#next[pair] = pairs;
      pairs = pair;
      one = rest;
    }
    let heap = NONE;
    while (pairs !== NONE) {
      const rest = this.#next[pairs]!;
      this.#next[pairs] = NONE;
      heap = this.meld(heap, pairs);
      pairs = rest;
    }
    return heap;
  }

  #detach(item: number): void {
    this.#next[item] = NONE;
    this.#previous[item] = NONE;
  }
}

function grown(links: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity).fill(NONE, links.length);
  larger.set(links);
  return larger;
}
