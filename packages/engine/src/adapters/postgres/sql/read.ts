import { STATUS_WHILE } from '../../../domain/transitions.ts';
import { attemptSelectList, WITH_TRANSACTION } from '../rows/attempt-row.ts';
import { ORDER_SELECT_LIST } from '../rows/order-row.ts';
import { eventSelectList } from './stream.ts';

/** As a limit: all that there are. */
export const EVERY = 'NULL::bigint';

export const GET_SQL = `SELECT ${ORDER_SELECT_LIST} FROM orders o WHERE o.order_id = ANY($1::text[])`;

export const EVENTS_SQL = `
SELECT e.* FROM json_to_recordset($1::json) AS w (order_id text, after_sequence integer, page integer), LATERAL (
  SELECT ${eventSelectList('l')} FROM order_events l
  WHERE l.order_id = w.order_id AND l.sequence > w.after_sequence ORDER BY l.sequence LIMIT w.page
) AS e
ORDER BY e.order_id, e.sequence`;

export const ATTEMPTS_SQL = `
SELECT ${attemptSelectList()} FROM attempts a JOIN orders o USING (order_id) ${WITH_TRANSACTION}
WHERE a.order_id = $1 ORDER BY a.attempt_number`;

/** Its inner statement is a range of one index: see `listSql`. */
export const UNFINALIZED_ATTEMPTS_SQL = `
SELECT ${attemptSelectList()} FROM (
  SELECT * FROM orders WHERE awaits_finality ORDER BY order_id USING ~<~ LIMIT (SELECT ${EVERY})
) o CROSS JOIN LATERAL (SELECT * FROM attempts WHERE order_id = o.order_id AND closed_as IS NULL OFFSET 0) a
${WITH_TRANSACTION}
ORDER BY a.recorded_at, a.order_id LIMIT $1`;

/** $1 the id before the first, $2 how many. A range of one index: see `listSql`. */
const ordersWhere = (range: string): string => `
SELECT ${ORDER_SELECT_LIST} FROM orders o
WHERE ${range} AND o.order_id ~>~ (SELECT $1)
ORDER BY o.order_id USING ~<~ LIMIT (SELECT $2::bigint)`;

export const OPEN_ORDERS_SQL = ordersWhere("o.settled_as = 'open'");

/** An order has a due time exactly while it is neither over nor open. */
export const UNFINISHED_ORDERS_SQL = `
SELECT * FROM (
  (${ordersWhere('o.settled_as IS NULL AND coalesce(o.due_at IS NOT NULL, false)')})
  UNION ALL (${OPEN_ORDERS_SQL})
) o ORDER BY o.order_id USING ~<~ LIMIT $2`;

/**
 * The newest of each account; the inner statement is a range of one index: see `listSql`. The last condition is always true, and has
 * the planner expect one account (see `recordset`): of many it would expect a cost that is worth compiling the statement.
 */
export const NEWEST_FINALIZED_SQL = `
SELECT o.order_id, o.signature, o.slot FROM account_streams s CROSS JOIN LATERAL (
  SELECT * FROM orders
  WHERE settled_as IS NOT NULL
    AND hashtextextended(orders.account_id || ' ' || settled_as, 0) = hashtextextended(s.account_id || ' ${STATUS_WHILE.landed}', 0)
    AND coalesce(orders.account_id = s.account_id AND settled_as = '${STATUS_WHILE.landed}' AND EXISTS (
      SELECT FROM attempts a WHERE a.order_id = orders.order_id AND a.signature = orders.signature
    ), false)
  ORDER BY order_id USING ~>~ LIMIT (SELECT $1::bigint)
) o
WHERE s.account_id IS NOT DISTINCT FROM s.account_id
ORDER BY o.order_id USING ~>~ LIMIT (SELECT $1::bigint)`;

export const MISSING_ATTEMPTS_SQL = `
SELECT l.signature FROM unnest($1::text[], $2::text[]) AS l (order_id, signature) JOIN orders o USING (order_id)
WHERE l.signature IS DISTINCT FROM o.signature
  AND NOT EXISTS (SELECT FROM attempts a WHERE a.order_id = l.order_id AND a.signature = l.signature)`;

export const NEWEST_SIGNING_SLOT_SQL =
  'SELECT max(signing_slot) AS slot FROM attempts WHERE recorded_at < to_timestamp($1::double precision / 1000)';
