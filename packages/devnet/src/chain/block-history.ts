import type { Block, Commitment } from './block.ts';
import type { AccountState } from './vm.ts';

/** Blocks after which a transaction can no longer execute with this block's hash. */
export const BLOCKHASH_LIFETIME_BLOCKS = 150;
/** More than an hour of slots, for `getBlock` and its relatives. */
const KEPT_BLOCKS = 10_000;

/**
 * The newest blocks: which of them are confirmed or final, which blockhashes are valid, and the former states of
 * accounts.
 */
export class BlockHistory {
  readonly finalizedDepth: number;
  private readonly blocks: Block[];
  private readonly byHash = new Map<string, Block>();
  /** Number of blocks before the finalized one whose former states are kept too, for nodes that lag. */
  private extraDepth = 0;
  /** Index of the oldest block that still holds its transactions and former states. */
  private firstWhole = 0;
  /** Final height at the latest fork: it stays final. */
  private lowestFinal: number;

  constructor(
    { blocks, finalHeight }: { blocks: readonly Block[]; finalHeight: number },
    finalizedDepth: number,
  ) {
    this.blocks = [...blocks];
    this.lowestFinal = finalHeight;
    this.finalizedDepth = finalizedDepth;
    for (const block of blocks) this.byHash.set(block.blockhash, block);
  }

  /** Final height at the latest fork. */
  get finalHeight(): number {
    return this.lowestFinal;
  }

  /** Oldest first. */
  get all(): readonly Block[] {
    return this.blocks;
  }

  get tip(): Block {
    return this.blocks.at(-1)!;
  }

  /**
   * The newest block of a commitment: confirmed is one block behind, finalized `finalizedDepth` blocks.
   *
   * @param lag Blocks that the node in question is behind.
   */
  at(commitment: Commitment, lag = 0): Block {
    return this.blocks.at(-1 - this.depth(commitment) - lag) ?? this.blocks[0]!;
  }

  /** Keeps the former states of this many more blocks, from the next block on. */
  keepForLag(blocks: number): void {
    this.extraDepth = blocks;
  }

  /** Adds the next block and drops data that no request can read any more. */
  push(block: Block): void {
    this.blocks.push(block);
    this.byHash.set(block.blockhash, block);
    const whole = this.blocks.length - 1 - this.finalizedDepth - this.extraDepth;
    for (; this.firstWhole < whole; this.firstWhole += 1) {
      const settled = this.blocks[this.firstWhole]!;
      this.blocks[this.firstWhole] = { ...settled, transactions: [], preImages: new Map() };
    }
    if (this.blocks.length <= KEPT_BLOCKS) return;
    this.byHash.delete(this.blocks.shift()!.blockhash);
    this.firstWhole -= 1;
  }

  /** The newest block after a fork of this many blocks. @throws {RangeError} One of them is final. */
  keptBy(count: number): Block {
    const most = this.tip.height - this.at('finalized').height;
    if (count > most) throw new RangeError(`Only the newest ${most} blocks are not final.`);
    return this.blocks.at(-1 - count)!;
  }

  /** Removes the newest blocks and returns them, newest first. Final blocks stay final. @throws As `keptBy`. */
  pop(count: number): Block[] {
    this.keptBy(count);
    this.lowestFinal = this.at('finalized').height;
    return Array.from({ length: count }, () => {
      const block = this.blocks.pop()!;
      this.byHash.delete(block.blockhash);
      return block;
    });
  }

  /** The block that a blockhash names, among those kept. */
  find(blockhash: string): Block | undefined {
    return this.byHash.get(blockhash);
  }

  findSlot(slot: number): Block | undefined {
    const block = this.blocks[this.indexFrom(slot)];
    return block?.slot === slot ? block : undefined;
  }

  /** Kept blocks of a range of slots, both ends included, oldest first. */
  between(firstSlot: number, lastSlot: number): readonly Block[] {
    return this.blocks.slice(this.indexFrom(firstSlot), this.indexFrom(lastSlot + 1));
  }

  /** The last height at which a transaction with this blockhash can execute, or null for an unknown blockhash. */
  lastValidBlockHeight(blockhash: string): number | null {
    const block = this.byHash.get(blockhash);
    return block === undefined ? null : block.height + BLOCKHASH_LIFETIME_BLOCKS;
  }

  /** Whether a bank of this commitment accepts the blockhash: the bank has seen it, and it has not expired. */
  isBlockhashValid(blockhash: string, commitment: Commitment, lag = 0): boolean {
    const block = this.byHash.get(blockhash);
    if (block === undefined) return false;
    const { height } = this.at(commitment, lag);
    return block.height <= height && height <= block.height + BLOCKHASH_LIFETIME_BLOCKS;
  }

  /** An account's state at a commitment, or undefined if it has not changed since. */
  formerState(address: string, commitment: Commitment, lag = 0): AccountState | null | undefined {
    for (const block of this.since(commitment, lag)) {
      const state = block.preImages.get(address);
      if (state !== undefined) return state;
    }
    return undefined;
  }

  /** Accounts that changed after the newest block of a commitment. */
  changedSince(commitment: Commitment, lag = 0): Set<string> {
    return new Set(this.since(commitment, lag).flatMap((block) => [...block.preImages.keys()]));
  }

  /** Makes the accounts' current state their state at every commitment. */
  forgetFormerStates(addresses: Iterable<string>): void {
    for (const address of addresses) {
      for (const block of this.blocks.slice(this.firstWhole)) block.preImages.delete(address);
    }
  }

  /** Index of the first kept block at or behind a slot. */
  private indexFrom(slot: number): number {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.blocks[middle]!.slot < slot) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private since(commitment: Commitment, lag: number): readonly Block[] {
    const depth = this.depth(commitment) + lag;
    return depth === 0 ? [] : this.blocks.slice(-depth);
  }

  private depth(commitment: Commitment): number {
    if (commitment === 'processed') return 0;
    const usual = commitment === 'confirmed' ? 1 : this.finalizedDepth;
    return Math.min(usual, this.tip.height - this.lowestFinal);
  }
}
