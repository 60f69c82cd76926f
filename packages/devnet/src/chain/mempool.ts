import { computeBudgetOf } from './fees.ts';
import type { WireTransaction } from './wire-transaction.ts';

const MAX_WAITING = 20_000;
const MAX_PER_BLOCK = 4_000;

/** Transactions that wait for the next block, each signature once, in the order of arrival. */
export class Mempool {
  private readonly waiting = new Map<string, WireTransaction>();

  get size(): number {
    return this.waiting.size;
  }

  /** Adds a transaction, which may be a repetition. False if there is no room. */
  add(transaction: WireTransaction): boolean {
    if (this.waiting.size >= MAX_WAITING && !this.waiting.has(transaction.signature)) return false;
    if (!this.waiting.has(transaction.signature)) this.waiting.set(transaction.signature, transaction);
    return true;
  }

  /**
   * Removes and returns the transactions for the next block.
   *
   * @param block.priceMicroLamports Transactions that offer less per compute unit keep waiting.
   * @param block.isDead             Whether a transaction can never execute any more: it waits for no price.
   */
  take(block: {
    priceMicroLamports: bigint;
    isDead: (transaction: WireTransaction) => boolean;
  }): WireTransaction[] {
    const taken: WireTransaction[] = [];
    for (const [signature, transaction] of this.waiting) {
      if (taken.length === MAX_PER_BLOCK) break;
      if (block.priceMicroLamports > 0n && !block.isDead(transaction)) {
        const { unitPriceMicroLamports } = computeBudgetOf(transaction.message);
        if (unitPriceMicroLamports < block.priceMicroLamports) continue;
      }
      this.waiting.delete(signature);
      taken.push(transaction);
    }
    return taken;
  }
}
