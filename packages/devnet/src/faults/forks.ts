import type { Chain } from '../chain/chain.ts';
import type { Mempool } from '../chain/mempool.ts';
import { parseTransaction } from '../chain/wire-transaction.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Faults } from './faults.ts';

/** Drops blocks that nodes may have reported as confirmed. Only between slots. */
export class Forks {
  private readonly chain: Chain;
  private readonly ledger: Ledger;
  private readonly mempool: Mempool;
  private readonly faults: Faults;

  constructor(parts: { chain: Chain; ledger: Ledger; mempool: Mempool; faults: Faults }) {
    this.chain = parts.chain;
    this.ledger = parts.ledger;
    this.mempool = parts.mempool;
    this.faults = parts.faults;
  }

  /**
   * Drops the newest blocks.
   *
   * @param loses Which of their transactions are lost; the others wait for the next block again.
   * @returns Signatures of the transactions that were in them.
   * @throws {RangeError} More blocks than are not final.
   */
  abandon(blocks: number, loses: (signature: string) => boolean): string[] {
    const dropped = this.chain.fork(blocks).map(parseTransaction);
    for (const transaction of dropped) if (!loses(transaction.signature)) this.mempool.add(transaction);
    return dropped.map(({ signature }) => signature);
  }

  /**
   * Drops the blocks of transactions whose scenario asks for it. Those transactions are lost; others of the same blocks
   * return.
   */
  abandonDue(): void {
    for (const { signature, afterBlocks, done } of this.faults.pendingForks()) {
      const entry = this.ledger.history.find(signature);
      if (entry === undefined) continue;
      const { history } = this.chain;
      const after = history.all.filter(({ slot }) => slot >= entry.slot).length;
      if (after <= afterBlocks) continue;
      done();
      if (entry.slot > history.at('finalized').slot) this.abandon(after, (other) => other === signature);
    }
  }
}
