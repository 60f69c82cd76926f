import type { ExecutedTransaction } from '../chain/executed-transaction.ts';
import type { HistoryEntry } from '../chain/history-entry.ts';

/** Clients read a transaction soon after it landed. */
const MAX_KEPT = 512;

/** The newest transactions, so that they are not read back from the journal. */
export class NewestTransactions {
  private readonly kept = new Map<HistoryEntry, ExecutedTransaction>();

  keep(entry: HistoryEntry, transaction: ExecutedTransaction): void {
    if (this.kept.size >= MAX_KEPT) this.kept.delete(this.kept.keys().next().value!);
    this.kept.set(entry, transaction);
  }

  find(entry: HistoryEntry): ExecutedTransaction | undefined {
    return this.kept.get(entry);
  }
}
