import type { PreImages } from './block-executor.ts';
import type { ExecutedTransaction } from './executed-transaction.ts';

/** A slot with a block; a slot without a block leaves only a gap in the numbers. */
export interface Block {
  readonly slot: number;
  /** Blocks before this one: a slower clock than the slot, since some slots are skipped. */
  readonly height: number;
  readonly blockhash: string;
  readonly parentSlot: number;
  /** Chain time, milliseconds since 1970. */
  readonly timeMs: number;
  /** Transactions of this block and of all before it. */
  readonly transactionCount: number;
  /** In the order of execution. Emptied once the block is final and every subscriber has been notified. */
  readonly transactions: readonly ExecutedTransaction[];
  /** Accounts as they were before this block. Emptied once the block is final. */
  readonly preImages: PreImages;
}

export type Commitment = 'processed' | 'confirmed' | 'finalized';

export function blockTimeSeconds(block: { readonly timeMs: number }): number {
  return Math.floor(block.timeMs / 1000);
}
