import type { BaseUnits } from './amount.ts';

/**
 * An account whose existence says that a transaction of its order landed. Its address follows from the wallet and a
 * secret seed, so that nobody else can create it first.
 */
export interface Receipt {
  /** Base58. */
  readonly address: string;
  /** 32 characters; secret until the transaction is sent. */
  readonly seed: string;
  /** Rent that the wallet pays for it, lamports. It comes back when the receipt is reclaimed. */
  readonly lamports: BaseUnits;
}
