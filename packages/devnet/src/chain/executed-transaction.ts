import type { TransactionErrorJson } from './transaction-error.ts';
import type { Execution } from './vm.ts';

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
