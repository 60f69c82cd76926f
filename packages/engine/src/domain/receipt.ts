import type { BaseUnits } from './amount.ts';

/**
 * How at most one landed swap per order is kept:
 *
 * protocol  by recording and proving alone (docs/execution.md)
 * strict    besides, by the chain: every transaction of the order creates the same receipt, which it can do only once
 */
export type ExecutionGuard = 'protocol' | 'strict';

/**
 * An account whose existence says that a transaction of its order landed. Its address follows from the wallet and a
 * secret seed, so that no third party can create it first.
 */
export interface Receipt {
  /** Base58. */
  readonly address: string;
  /** 32 characters; secret until the transaction is sent. */
  readonly seed: string;
  /** Rent that the wallet pays for it, lamports. It comes back when the receipt is reclaimed. */
  readonly lamports: BaseUnits;
}
