import { STATUS_WHILE } from '../../../domain/transitions.ts';
import { attemptSelectList } from '../rows/attempt-row.ts';
import { EVENT_COLUMNS } from '../rows/event-row.ts';
import { ORDER_SELECT_LIST } from '../rows/order-row.ts';
import { columnList } from '../rows/recordset.ts';

export const GET_SQL = `SELECT ${ORDER_SELECT_LIST} FROM orders o WHERE o.order_id = ANY($1::text[])`;

export const EVENTS_SQL = `
SELECT e.* FROM json_to_recordset($1::json) AS w (order_id text, after_sequence integer, page integer), LATERAL (
  SELECT ${columnList(EVENT_COLUMNS)} FROM order_events
  WHERE order_id = w.order_id AND sequence > w.after_sequence ORDER BY sequence LIMIT w.page
) AS e
ORDER BY e.order_id, e.sequence`;

export const ATTEMPTS_SQL = `
SELECT ${attemptSelectList()} FROM attempts a JOIN orders o USING (order_id)
WHERE a.order_id = $1 ORDER BY a.attempt_number`;

export const UNFINALIZED_ATTEMPTS_SQL = `
SELECT ${attemptSelectList()} FROM orders o JOIN attempts a USING (order_id)
WHERE o.awaits_finality AND a.closed_as IS NULL
ORDER BY a.recorded_at, a.order_id LIMIT $1`;

/** An order has a due time exactly while it is not terminal. */
export const UNFINISHED_ORDERS_SQL = `
SELECT ${ORDER_SELECT_LIST} FROM orders o
WHERE o.due_at IS NOT NULL AND o.order_id > $1 ORDER BY o.order_id LIMIT $2`;

export const NEWEST_FINALIZED_SQL = `
SELECT order_id, signature, slot FROM orders o
WHERE status = '${STATUS_WHILE.landed}' AND finalized
  AND EXISTS (SELECT FROM attempts a WHERE a.order_id = o.order_id AND a.signature = o.signature)
ORDER BY order_id DESC LIMIT $1`;

export const MISSING_ATTEMPTS_SQL = `
SELECT l.signature FROM unnest($1::text[], $2::text[]) AS l (order_id, signature) JOIN orders o USING (order_id)
WHERE l.signature IS DISTINCT FROM o.signature
  AND NOT EXISTS (SELECT FROM attempts a WHERE a.order_id = l.order_id AND a.signature = l.signature)`;

export const NEWEST_SIGNING_SLOT_SQL =
  'SELECT max(signing_slot) AS slot FROM attempts WHERE recorded_at < to_timestamp($1::double precision / 1000)';
