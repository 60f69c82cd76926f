import type { TransactionErrorJson } from './transaction-error.ts';

/** The data of a landed transaction that are known without reading the disk. */
export interface HistoryEntry {
  readonly signature: string;
  readonly slot: number;
  /** Seconds since 1970. */
  readonly blockTime: number;
  readonly error: TransactionErrorJson | null;
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}
