import { TERMINAL_STATUSES } from '../../../domain/order-status.ts';
import { isWhileAlive, STATUS_WHILE } from '../../../domain/transitions.ts';
import { RECEIPT_LEASE_MS } from '../../../ports/receipt-store.ts';
import { textList } from '../rows/recordset.ts';

const OVER_WITHOUT_FILL = TERMINAL_STATUSES.filter((status) => !isWhileAlive(status));

/** $1 order ids. Starts from the receipts, of which there are few. */
export const RECEIPTS_TO_BLOCK_SQL = `
SELECT r.* FROM receipts r JOIN orders o ON o.order_id = r.order_id
WHERE r.order_id = ANY($1::text[])
  AND o.cancel_requested AND o.status = '${STATUS_WHILE.open}' AND o.attempt_number = r.attempt_number`;

/** $1 order, $2 to $4 signature, bytes and last valid height, $5 the signature that is replaced. */
export const RECORD_BLOCKER_SQL = `
UPDATE receipts r
SET blocker_signature = $2, blocker_bytes = $3, blocker_last_valid_block_height = $4
FROM orders o
WHERE r.order_id = $1 AND o.order_id = r.order_id
  AND o.cancel_requested AND o.status = '${STATUS_WHILE.open}' AND o.attempt_number = r.attempt_number
  AND (r.blocker_signature IS NOT DISTINCT FROM $5::text OR r.blocker_signature = $2)`;

/**
 * $1 finalized height, $2 how many, $3 milliseconds. Skips receipts that another process claims at the same moment, and
 * checks every condition again on the newest row. A lease that ends later than any lease can was written by a clock that
 * was ahead.
 */
export const CLAIM_RECEIPTS_SQL = `
UPDATE receipts r
SET leased_until = now() + $3::double precision * interval '1 millisecond'
FROM (
  SELECT r.order_id FROM receipts r JOIN orders o ON o.order_id = r.order_id
  WHERE r.last_valid_block_height < $1::bigint
    AND coalesce(r.blocker_last_valid_block_height, 0) < $1::bigint
    AND (r.leased_until IS NULL OR r.leased_until <= now() OR r.leased_until > now() + interval '${2 * RECEIPT_LEASE_MS} milliseconds')
    AND (o.finalized OR o.status IN (${textList(OVER_WITHOUT_FILL)}))
  ORDER BY r.last_valid_block_height, r.order_id LIMIT $2
  FOR UPDATE OF r SKIP LOCKED
) due
WHERE r.order_id = due.order_id
RETURNING r.*`;

export const FORGET_RECEIPTS_SQL = 'DELETE FROM receipts WHERE order_id = ANY($1::text[])';
