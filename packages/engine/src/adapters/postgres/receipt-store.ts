import type pg from 'pg';
import { type BlockHeight, compareHeights } from '../../domain/block-height.ts';
import type { ReceiptStore } from '../../ports/receipt-store.ts';
import { type ReceiptRow, toStoredReceipt } from './rows/receipt-row.ts';
import {
  CLAIM_RECEIPTS_SQL,
  FORGET_RECEIPTS_SQL,
  RECEIPTS_TO_BLOCK_SQL,
  RECORD_BLOCKER_SQL,
} from './sql/receipts.ts';

/** Receipts in PostgreSQL or PGlite, beside the orders. */
export function createPostgresReceiptStore(pool: pg.Pool): ReceiptStore {
  return {
    receiptsToBlock: async (orderIds) => {
      if (orderIds.length === 0) return [];
      const { rows } = await pool.query<ReceiptRow>({
        name: 'receipts_to_block',
        text: RECEIPTS_TO_BLOCK_SQL,
        values: [orderIds],
      });
      return rows.map(toStoredReceipt);
    },
    recordBlocker: async (orderId, { signature, bytes, lastValidBlockHeight }, replaces) => {
      const { rowCount } = await pool.query({
        name: 'record_blocker',
        text: RECORD_BLOCKER_SQL,
        values: [orderId, signature, Buffer.from(bytes), lastValidBlockHeight.toString(), replaces],
      });
      return rowCount === 1;
    },
    claimReceiptsToClose: async ({ finalizedHeight, limit, leaseMs }) => {
      const { rows } = await pool.query<ReceiptRow>({
        name: 'claim_receipts',
        text: CLAIM_RECEIPTS_SQL,
        values: [finalizedHeight.toString(), limit, leaseMs],
      });
      return rows.map(toStoredReceipt).sort(byHeight);
    },
    forgetReceipts: async (orderIds) => {
      if (orderIds.length === 0) return;
      await pool.query({ name: 'forget_receipts', text: FORGET_RECEIPTS_SQL, values: [orderIds] });
    },
  };
}

const byHeight = (
  a: { lastValidBlockHeight: BlockHeight },
  b: { lastValidBlockHeight: BlockHeight },
): number => compareHeights(a.lastValidBlockHeight, b.lastValidBlockHeight);
