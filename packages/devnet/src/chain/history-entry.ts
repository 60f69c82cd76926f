import type { TransactionErrorJson } from './transaction-error.ts';

/** What is known of a landed transaction without reading it from disk. */
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
