import { STATUS_WHILE } from '../../../domain/transitions.ts';
import { attemptSelectList, WITH_TRANSACTION } from '../rows/attempt-row.ts';
import { ORDER_SELECT_LIST } from '../rows/order-row.ts';
import { isAmong, recordset } from '../rows/recordset.ts';
import { IS_DUE, IS_FREE } from './due.ts';
import { isHeldUpSql, lockOrdersSql } from './lock-orders.ts';
import { EVERY } from './read.ts';

export const CLAIM_COLUMNS = { order_id: 'text', lease_ms: 'double precision' } as const;
export const RELEASE_COLUMNS = {
  order_id: 'text',
  fence: 'integer',
  wake_after_ms: 'double precision',
} as const;
export const RENEW_COLUMNS = { order_id: 'text', fence: 'integer', lease_ms: 'double precision' } as const;

/**
 * $1 orders to claim, $2 lease times. Returns those that were claimed, as they are now, and those of which another session has
 * locked the row.
 */
export const CLAIM_SQL = `
WITH ${lockOrdersSql('$1')}, claimed AS (
UPDATE orders o
SET fence = o.fence + 1, lease_until = now() + c.lease_ms * interval '1 millisecond'
FROM ${recordset('c', CLAIM_COLUMNS)}
WHERE o.order_id = c.order_id
  AND ${isAmong('o.order_id', 'mine')}
  AND ${IS_DUE}
  AND ${IS_FREE}
RETURNING ${ORDER_SELECT_LIST}, o.fence
)
SELECT claimed.*, false AS is_held_up FROM claimed
UNION ALL SELECT ${ORDER_SELECT_LIST}, o.fence, true FROM orders o WHERE ${isHeldUpSql('$1')}`;

/**
 * $1 ids, $2 fences. Orders that still have the fence, each with its open attempt, in one snapshot. OFFSET 0 keeps the
 * attempt a look-up per order: as a join it could read every open attempt there is.
 */
export const READ_CLAIMED_SQL = `
SELECT ${ORDER_SELECT_LIST}, o.fence, ${attemptSelectList('attempt__')}
FROM unnest($1::text[], $2::integer[]) AS c (order_id, fence)
JOIN orders o ON o.order_id = c.order_id AND o.fence = c.fence
LEFT JOIN LATERAL (
  SELECT * FROM attempts WHERE order_id = o.order_id AND closed_as IS NULL AND o.status = '${STATUS_WHILE.open}' OFFSET 0
) a ON true ${WITH_TRANSACTION}`;

/**
 * $1 to $3 leases. Those of other fences, and those that ended already, are left alone. Returns the orders of which another
 * session has locked the row.
 */
export const RELEASE_SQL = `
WITH ${lockOrdersSql('$1')}, released AS (
UPDATE orders o
SET lease_until = NULL, due_at = now() + c.wake_after_ms * interval '1 millisecond'
FROM ${recordset('c', RELEASE_COLUMNS)}
WHERE o.order_id = c.order_id AND ${isAmong('o.order_id', 'mine')} AND o.fence = c.fence AND o.lease_until IS NOT NULL
)
SELECT o.order_id FROM orders o WHERE ${isHeldUpSql('$1')}`;

/**
 * $1 to $3 leases. A lease that ended is not revived; one that only ran out is. One whose row another session has locked is left
 * for the next time: a lease outlasts two that are missed.
 */
export const RENEW_SQL = `
WITH ${lockOrdersSql('$1')}
UPDATE orders o
SET lease_until = now() + c.lease_ms * interval '1 millisecond'
FROM ${recordset('c', RENEW_COLUMNS)}
WHERE o.order_id = c.order_id AND ${isAmong('o.order_id', 'mine')} AND o.fence = c.fence AND o.lease_until IS NOT NULL`;

/** Of orders that are not terminal: a range of one index, see `listSql`. */
export const VOID_LEASES_SQL = `
UPDATE orders SET lease_until = NULL
WHERE lease_until IS NOT NULL AND order_id = ANY(ARRAY(
  SELECT order_id FROM orders WHERE settled_as IS NULL ORDER BY order_id USING ~<~ LIMIT (SELECT ${EVERY})
))`;
