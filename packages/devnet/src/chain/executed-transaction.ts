import type { TransactionErrorJson } from './transaction-error.ts';
import type { Execution } from './vm.ts';
import { parseTransaction, type WireTransaction } from './wire-transaction.ts';

export interface TokenBalance {
  readonly accountIndex: number;
  readonly mint: string;
  readonly owner: string;
  readonly programId: string;
  readonly amount: bigint;
  readonly decimals: number;
}

/** A transaction that is part of a block: it ran and paid its fee, whether it succeeded or not. */
export interface ExecutedTransaction extends Omit<Execution, 'returnData'> {
  readonly signature: string;
  readonly bytes: Uint8Array;
  readonly error: TransactionErrorJson | null;
  /** Lamports. */
  readonly fee: bigint;
  /** All accounts in the transaction's order: the message's own, then loaded writable, then loaded read-only. */
  readonly accounts: readonly string[];
  readonly loadedWritable: readonly string[];
  readonly loadedReadonly: readonly string[];
  readonly preBalances: readonly bigint[];
  readonly postBalances: readonly bigint[];
  readonly preTokenBalances: readonly TokenBalance[];
  readonly postTokenBalances: readonly TokenBalance[];
  readonly returnData: Execution['returnData'];
  /** Bytes of accounts and programs that it loaded; undefined in transactions stored before these were counted. */
  readonly loadedDataBytes: number | undefined;
}

const parsed = new WeakMap<Uint8Array, WireTransaction>();

/** The transaction as it was sent, parsed once. */
export function parsedOf({ bytes }: Pick<ExecutedTransaction, 'bytes'>): WireTransaction {
  const known = parsed.get(bytes);
  if (known !== undefined) return known;
  const transaction = parseTransaction(bytes);
  parsed.set(bytes, transaction);
  return transaction;
}

/** Has `parsedOf` know a transaction that was parsed before it ran. */
export function keepParsed(transaction: WireTransaction): void {
  parsed.set(transaction.bytes, transaction);
}
