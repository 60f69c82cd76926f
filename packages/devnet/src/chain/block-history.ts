import type { Block, Commitment } from './block.ts';
import type { AccountState } from './vm.ts';

/** Blocks after which a transaction can no longer execute with this block's hash. */
export const BLOCKHASH_LIFETIME_BLOCKS = 150;
/** As many blocks as Solana's SlotHashes keeps. */
const KEPT_BLOCKS = 512;

/** The newest blocks: which of them is confirmed or final, which blockhashes live, what accounts held before. */
export class BlockHistory {
  readonly finalizedDepth: number;
  private readonly blocks: Block[];
  private readonly byHash = new Map<string, Block>();

  constructor(blocks: readonly Block[], finalizedDepth: number) {
    this.blocks = [...blocks];
    this.finalizedDepth = finalizedDepth;
    for (const block of blocks) this.byHash.set(block.blockhash, block);
  }

  /** Oldest first. */
  get all(): readonly Block[] {
    return this.blocks;
  }

  get tip(): Block {
    return this.blocks.at(-1)!;
  }

  /** The newest block of a commitment: confirmed is one block behind, finalized `finalizedDepth` blocks. */
  at(commitment: Commitment): Block {
    return this.blocks.at(-1 - this.depth(commitment)) ?? this.blocks[0]!;
  }

  /** Adds the next block and lets go of what nobody can ask for any more. */
  push(block: Block): void {
    this.blocks.push(block);
    this.byHash.set(block.blockhash, block);
    const settled = this.blocks.length - 2 - this.finalizedDepth;
    const old = this.blocks[settled];
    if (old !== undefined) this.blocks[settled] = { ...old, transactions: [], preImages: new Map() };
    if (this.blocks.length > KEPT_BLOCKS) this.byHash.delete(this.blocks.shift()!.blockhash);
  }

  /** The block that a blockhash names, among those kept. */
  find(blockhash: string): Block | undefined {
    return this.byHash.get(blockhash);
  }

  findSlot(slot: number): Block | undefined {
    return this.blocks.find((block) => block.slot === slot);
  }

  /** The last height at which a transaction with this blockhash can execute, or null for an unknown blockhash. */
  lastValidBlockHeight(blockhash: string): number | null {
    const block = this.byHash.get(blockhash);
    return block === undefined ? null : block.height + BLOCKHASH_LIFETIME_BLOCKS;
  }

  /** Whether a bank of this commitment accepts the blockhash: it has seen it, and it is not too old. */
  isBlockhashValid(blockhash: string, commitment: Commitment): boolean {
    const block = this.byHash.get(blockhash);
    if (block === undefined) return false;
    const { height } = this.at(commitment);
    return block.height <= height && height <= block.height + BLOCKHASH_LIFETIME_BLOCKS;
  }

  /** What an account held at a commitment, or undefined where it has not changed since. */
  formerState(address: string, commitment: Commitment): AccountState | null | undefined {
    for (const block of this.since(commitment)) {
      const state = block.preImages.get(address);
      if (state !== undefined) return state;
    }
    return undefined;
  }

  /** Accounts that changed after the newest block of a commitment. */
  changedSince(commitment: Commitment): Set<string> {
    return new Set(this.since(commitment).flatMap((block) => [...block.preImages.keys()]));
  }

  /** Makes the accounts' present state their state at every commitment. */
  forgetFormerStates(addresses: Iterable<string>): void {
    for (const address of addresses) {
      for (const block of this.since('finalized')) block.preImages.delete(address);
    }
  }

  private since(commitment: Commitment): readonly Block[] {
    const depth = this.depth(commitment);
    return depth === 0 ? [] : this.blocks.slice(-depth);
  }

  private depth(commitment: Commitment): number {
    if (commitment === 'processed') return 0;
    return commitment === 'confirmed' ? 1 : this.finalizedDepth;
  }
}
