declare const BLOCK_HEIGHT: unique symbol;

/**
 * How many blocks the chain has produced; a transaction's last valid height is one. Slots are always ahead of it, so a slot
 * in its place would declare a transaction dead that can still land. It is therefore no bigint for the compiler, which
 * otherwise compares any two bigints with `<`: heights compare with heights only.
 */
export interface BlockHeight {
  readonly [BLOCK_HEIGHT]: never;
}

/** A height from a node or the store. */
export const toBlockHeight = (blocks: bigint): BlockHeight => blocks as unknown as BlockHeight;

/** For arithmetic and for counters. */
export const blocksOf = (height: BlockHeight): bigint => height as unknown as bigint;

/** For sorting, the lowest first. */
export const compareHeights = (one: BlockHeight, other: BlockHeight): number =>
  one < other ? -1 : one > other ? 1 : 0;

export const higherOf = (one: BlockHeight, other: BlockHeight): BlockHeight =>
  compareHeights(one, other) > 0 ? one : other;

/** So many blocks after another height. */
export const heightAfter = (height: BlockHeight, blocks: bigint): BlockHeight =>
  toBlockHeight(blocksOf(height) + blocks);
