import type { Chain } from '../chain/chain.ts';
import type { Mempool } from '../chain/mempool.ts';
import type { WireTransaction } from '../chain/wire-transaction.ts';
import type { Faults } from './faults.ts';

const MAX_UNDER_WAY = 20_000;

/** The connection from a node to the leader, which may lose bytes, delay them, or deliver them twice. */
export class Delivery {
  private readonly chain: Chain;
  private readonly mempool: Mempool;
  private readonly faults: Faults;
  private underWay: { readonly slot: number; readonly transaction: WireTransaction }[] = [];

  constructor(parts: { chain: Chain; mempool: Mempool; faults: Faults }) {
    this.chain = parts.chain;
    this.mempool = parts.mempool;
    this.faults = parts.faults;
  }

  /** Takes bytes that a node has acknowledged. False where there is no room for them. */
  send(transaction: WireTransaction): boolean {
    return this.faults.arrivals(transaction).every((slots) => {
      if (slots === 0) return this.arrive(transaction);
      if (this.underWay.length >= MAX_UNDER_WAY) return false;
      this.underWay.push({ slot: this.chain.slot + slots, transaction });
      return true;
    });
  }

  /** Delivers the bytes that are due. */
  arriveDue(): void {
    const due = this.underWay.filter(({ slot }) => slot <= this.chain.slot);
    if (due.length === 0) return;
    this.underWay = this.underWay.filter(({ slot }) => slot > this.chain.slot);
    for (const { transaction } of due) this.arrive(transaction);
  }

  private arrive(transaction: WireTransaction): boolean {
    return this.chain.wasExecuted(transaction) || this.mempool.add(transaction);
  }
}
