import { type ExecutedTransaction, parsedOf } from '../chain/executed-transaction.ts';
import type { HistoryEntry } from '../chain/history-entry.ts';
import type { WireMessage } from '../chain/wire-transaction.ts';
import { type JsonText, toJsonText } from './json.ts';
import {
  encodeTransactionBody,
  type TransactionEncoding,
  toTransactionMeta,
} from './transaction-encoding.ts';

const MAX_KEPT_CHARACTERS = 8 * 2 ** 20;

/** A landed transaction in one encoding. */
interface EncodedTransaction {
  readonly version: WireMessage['version'];
  readonly transaction: JsonText;
  readonly meta: JsonText;
}

/**
 * The long parts of answers to `getTransaction`. A client reads a transaction several times, when it landed and when it is
 * final, from each node: those encoded last are kept.
 */
export class EncodedTransactions {
  /** By the entry itself: a transaction that lands again after a fork has another one. */
  private readonly kept = new Map<HistoryEntry, Map<TransactionEncoding, EncodedTransaction>>();
  private characters = 0;

  /** @param read Reads the transaction of the entry. */
  encode(
    entry: HistoryEntry,
    encoding: TransactionEncoding,
    read: (entry: HistoryEntry) => ExecutedTransaction,
  ): EncodedTransaction {
    const ofEntry = this.kept.get(entry) ?? new Map<TransactionEncoding, EncodedTransaction>();
    const known = ofEntry.get(encoding);
    if (known !== undefined) return known;
    const executed = read(entry);
    const encoded = {
      version: parsedOf(executed).message.version,
      transaction: toJsonText(encodeTransactionBody(executed, encoding)),
      meta: toJsonText(toTransactionMeta(executed, encoding)),
    };
    this.kept.set(entry, ofEntry.set(encoding, encoded));
    this.characters += sizeOf(encoded);
    this.forgetOldest();
    return encoded;
  }

  private forgetOldest(): void {
    for (const [entry, ofEntry] of this.kept) {
      if (this.characters <= MAX_KEPT_CHARACTERS) return;
      this.kept.delete(entry);
      for (const encoded of ofEntry.values()) this.characters -= sizeOf(encoded);
    }
  }
}

const sizeOf = ({ transaction, meta }: EncodedTransaction): number =>
  transaction.text.length + meta.text.length;
