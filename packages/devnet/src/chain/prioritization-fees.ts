import type { Block } from './block.ts';
import { parsedOf } from './executed-transaction.ts';
import { computeBudgetOf } from './fees.ts';
import { isStaticKeyWritable } from './wire-transaction.ts';

const KEPT_SLOTS = 150;

interface SlotFees {
  readonly slot: number;
  /** Lowest price per compute unit among the block's transactions, micro-lamports. */
  readonly lowest: bigint;
  readonly lowestByAccount: ReadonlyMap<string, bigint>;
}

/** Recent prices of landed transactions, for `getRecentPrioritizationFees`. */
export class PrioritizationFees {
  private readonly slots: SlotFees[] = [];

  /** @param leastPrice Minimum price for the block, micro-lamports per compute unit. */
  note(block: Block, leastPrice: bigint): void {
    const lowestByAccount = new Map<string, bigint>();
    let lowest: bigint | null = null;
    for (const transaction of block.transactions) {
      const { accounts, loadedWritable } = transaction;
      const { message } = parsedOf(transaction);
      const price = computeBudgetOf(message).unitPriceMicroLamports;
      if (lowest === null || price < lowest) lowest = price;
      const own = message.staticKeys.length;
      for (const [index, address] of accounts.entries()) {
        const isWritable =
          index < own ? isStaticKeyWritable(message, index) : index < own + loadedWritable.length;
        const known = lowestByAccount.get(address);
        if (isWritable && (known === undefined || price < known)) lowestByAccount.set(address, price);
      }
    }
    const paid = lowest ?? 0n;
    this.slots.push({ slot: block.slot, lowest: paid > leastPrice ? paid : leastPrice, lowestByAccount });
    if (this.slots.length > KEPT_SLOTS) this.slots.shift();
  }

  /** Minimum price in the latest slots of transactions that write these accounts, micro-lamports per compute unit. */
  recent(addresses: readonly string[]): { slot: number; prioritizationFee: bigint }[] {
    return this.slots.map(({ slot, lowest, lowestByAccount }) => {
      let prioritizationFee = lowest;
      for (const address of addresses) {
        const fee = lowestByAccount.get(address) ?? 0n;
        if (fee > prioritizationFee) prioritizationFee = fee;
      }
      return { slot, prioritizationFee };
    });
  }
}
