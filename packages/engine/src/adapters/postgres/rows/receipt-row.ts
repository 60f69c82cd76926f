import { toBlockHeight } from '../../../domain/block-height.ts';
import type { OrderId } from '../../../domain/order.ts';
import type { AttemptChange } from '../../../domain/order-change.ts';
import type { Signature } from '../../../domain/signature.ts';
import type { StoredReceipt } from '../../../ports/receipt-store.ts';
import { RECORDED_COLUMNS, toAttemptRecord } from './attempt-row.ts';
import { rowType } from './row-type.ts';

/** A row of `receipts` as `pg` reads it: numeric and bigint as strings. */
export interface ReceiptRow {
  readonly order_id: OrderId;
  readonly wallet: string;
  readonly address: string;
  readonly seed: string;
  readonly lamports: string;
  readonly attempt_number: number;
  readonly last_valid_block_height: string;
  readonly blocker_signature: Signature | null;
  readonly blocker_bytes: Buffer | null;
  readonly blocker_last_valid_block_height: string | null;
}

/** Rows of recorded attempts, each with the receipt that it creates. */
export const NEW_ATTEMPT = rowType('new_attempt', RECORDED_COLUMNS, {
  receipt_address: 'text',
  receipt_seed: 'text',
  receipt_lamports: 'numeric',
});

export const toNewAttempt = ({
  attempt,
  receipt,
}: Extract<AttemptChange, { kind: 'record' }>): readonly object[] => [
  toAttemptRecord(attempt),
  { receipt_address: receipt?.address, receipt_seed: receipt?.seed, receipt_lamports: receipt?.lamports },
];

export const toStoredReceipt = (row: ReceiptRow): StoredReceipt => ({
  orderId: row.order_id,
  wallet: row.wallet,
  address: row.address,
  seed: row.seed,
  lamports: BigInt(row.lamports),
  attemptNumber: row.attempt_number,
  lastValidBlockHeight: toBlockHeight(BigInt(row.last_valid_block_height)),
  blocker: row.blocker_signature === null ? null : toBlocker(row, row.blocker_signature),
});

const toBlocker = (row: ReceiptRow, signature: Signature): StoredReceipt['blocker'] => ({
  signature,
  bytes: new Uint8Array(row.blocker_bytes!), // A plain copy: a Buffer is a view into a larger one.
  lastValidBlockHeight: toBlockHeight(BigInt(row.blocker_last_valid_block_height!)),
});
