import type { BlockHeight } from '../domain/block-height.ts';
import type { OrderId } from '../domain/order.ts';
import type { Receipt } from '../domain/receipt.ts';
import type { Signature } from '../domain/signature.ts';

/** A receipt that may stand on the chain, and the transactions that may create it. */
export interface StoredReceipt extends Receipt {
  readonly orderId: OrderId;
  /** Pays the rent and gets it back. */
  readonly wallet: string;
  /** The newest attempt that creates it. */
  readonly attemptNumber: number;
  /** After it no attempt can create the receipt any more. */
  readonly lastValidBlockHeight: BlockHeight;
  readonly blocker: Blocker | null;
}

/** A signed transaction that creates the receipt and swaps nothing, so that no attempt can land after it. */
export interface Blocker {
  readonly signature: Signature;
  readonly bytes: Uint8Array;
  readonly lastValidBlockHeight: BlockHeight;
}

/**
 * How long closing a receipt is leased: longer than a transaction can take to land and be final. A later worker finds the
 * receipt gone, or tries again. A lease that would last more than twice as long was written by a clock that was ahead.
 */
export const RECEIPT_LEASE_MS = 180_000;

/** Receipts beside the orders. They are written with the attempt that creates them (`OrderStore.transition`). */
export interface ReceiptStore {
  /** Of these orders, the receipts whose attempt is open although a cancel was requested. */
  receiptsToBlock(orderIds: readonly OrderId[]): Promise<readonly StoredReceipt[]>;
  /**
   * Records the transaction that may now be broadcast to block the open attempt. May be repeated.
   *
   * @param replaces Signature of the blocker that was recorded before and can land no more; null for the first one.
   * @returns False, and nothing was written, if the order has moved on or another blocker is recorded.
   */
  recordBlocker(orderId: OrderId, blocker: Blocker, replaces: string | null): Promise<boolean>;
  /**
   * Takes receipts to close for `leaseMs`, at most `RECEIPT_LEASE_MS`, by the store's own clock: of orders that are over for good, and that neither
   * an attempt nor a blocker can create after `finalizedHeight`. The oldest first.
   */
  claimReceiptsToClose(which: {
    readonly finalizedHeight: BlockHeight;
    readonly limit: number;
    readonly leaseMs: number;
  }): Promise<readonly StoredReceipt[]>;
  /** Removes receipts that no longer exist on the chain. */
  forgetReceipts(orderIds: readonly OrderId[]): Promise<void>;
}
