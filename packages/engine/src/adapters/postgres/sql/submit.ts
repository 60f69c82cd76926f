import { REQUEST_COLUMNS, STATE_COLUMNS } from '../rows/order-columns.ts';
import { ORDER_SELECT_LIST } from '../rows/order-row.ts';
import { columnList, recordset } from '../rows/recordset.ts';
import { rowsOf, rowType } from '../rows/row-type.ts';
import { appendEventsSql, FIRST_POSITIONS_SQL } from './stream.ts';

const COLUMNS = { ...REQUEST_COLUMNS, ...STATE_COLUMNS };

/** Rows of submissions. */
export const NEW_ORDER = rowType('new_order_3', REQUEST_COLUMNS, STATE_COLUMNS, {
  idempotency_key: 'text',
  fingerprint: 'text',
  is_terminal: 'boolean',
  lease_ms: 'double precision',
});

/** What a submission is known by. */
export const KEY_COLUMNS = {
  order_id: 'text',
  account_id: 'text',
  client_order_id: 'text',
  idempotency_key: 'text',
} as const;

/**
 * $1 orders, $2 their first events. Returns what was created, each with the position of its first event; an order whose
 * id or key exists, in the table or earlier in the group, is left out with its events. One with a lease is born claimed.
 */
export const SUBMIT_SQL = `
WITH created AS (
  INSERT INTO orders (${columnList(COLUMNS)}, idempotency_key, fingerprint, is_held, due_at, fence, lease_until)
  SELECT ${columnList(COLUMNS, 's')}, s.idempotency_key, s.fingerprint,
    s.held_until IS NOT NULL AND s.status = 'pending', CASE WHEN s.is_terminal OR s.status = 'open' THEN NULL ELSE now() END,
    CASE WHEN s.lease_ms IS NULL THEN 0 ELSE 1 END, now() + s.lease_ms * interval '1 millisecond'
  FROM ${rowsOf('$1', 's', NEW_ORDER)}
  ON CONFLICT DO NOTHING
  RETURNING order_id
), ${appendEventsSql('$2', 'created')}
${FIRST_POSITIONS_SQL}`;

/**
 * $1 to $4 the keys of submissions. Returns every stored order that has the id or one of the keys of any of them; one that was
 * found by its idempotency key has that one as its `idempotency_key`.
 */
export const FIND_KNOWN_SQL = `
WITH s AS MATERIALIZED (
  SELECT * FROM ${recordset('s', KEY_COLUMNS)}
), known AS (
  SELECT s.order_id, NULL AS idempotency_key FROM s
  UNION
  SELECT k.order_id, NULL FROM s
  JOIN client_order_ids k ON k.account_id = s.account_id AND k.client_order_id = s.client_order_id
  UNION
  SELECT k.order_id, k.idempotency_key FROM s
  JOIN idempotency_keys k ON k.account_id = s.account_id AND k.idempotency_key = s.idempotency_key
)
SELECT ${ORDER_SELECT_LIST}, known.idempotency_key, o.fingerprint FROM known JOIN orders o USING (order_id)`;

/** $1 accounts, $2 keys, $3 orders. Returns, for each, the order that has the key from now on: this one, or one that had it. */
export const BIND_KEYS_SQL = `
SELECT bind_idempotency_key(b.account_id, b.idempotency_key, b.order_id) AS owner
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS b (account_id, idempotency_key, order_id, place)
ORDER BY b.place`;
