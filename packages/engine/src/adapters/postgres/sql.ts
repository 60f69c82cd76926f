// Each hot statement takes one JSON array, so that a batch of any size is the same prepared statement.

const PROJECTION_COLUMNS = `
  status text, sequence integer, try_number integer, attempt_number integer, limit_amount numeric, venue text,
  quoted_price text, signature text, slot bigint, filled_in numeric, filled_out numeric, network_lamports numeric,
  rent_lamports numeric, executed_price text, failure_code text, failure_reason text, reorged boolean,
  finalized boolean, updated_at timestamptz, terminal boolean`;

const REQUEST_COLUMNS = `
  order_id uuid, account_id text, client_order_id text, idempotency_key text, fingerprint text, type text,
  swap_mode text, mint_in text, symbol_in text, decimals_in smallint, token_program_in text, mint_out text,
  symbol_out text, decimals_out smallint, token_program_out text, amount numeric, slippage_bps integer,
  min_amount_out numeric, max_amount_in numeric, created_at timestamptz`;

const EVENT_COLUMNS = 'sequence integer, type text, status text, occurred_at timestamptz, data jsonb';

const ATTEMPT_COLUMNS = `
  attempt_number integer, signature text, bytes text, last_valid_block_height bigint, signing_slot bigint,
  fill_accounts jsonb, state text, slot bigint, finalized boolean, recorded_at timestamptz`;

const namesOf = (columns: string): string[] =>
  columns.split(',').map((column) => column.trim().split(' ')[0] as string);
const listOf = (columns: string, prefix = ''): string =>
  namesOf(columns)
    .map((name) => prefix + name)
    .join(', ');

/** $1: [{request columns, projection columns, events}]. Returns the ids that were new. */
const INSERT_ORDERS = `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS t (${REQUEST_COLUMNS}, ${PROJECTION_COLUMNS}, events json)
), created AS (
  INSERT INTO orders (${listOf(REQUEST_COLUMNS)}, ${listOf(PROJECTION_COLUMNS)})
  SELECT ${listOf(REQUEST_COLUMNS)}, ${listOf(PROJECTION_COLUMNS)} FROM input
  ON CONFLICT DO NOTHING
  RETURNING order_id
), appended AS (
  INSERT INTO order_events (order_id, ${listOf(EVENT_COLUMNS)})
  SELECT created.order_id, ${listOf(EVENT_COLUMNS, 'event.')}
  FROM created JOIN input USING (order_id), json_to_recordset(input.events) AS event (${EVENT_COLUMNS})
)
SELECT order_id FROM created`;

/**
 * $1: [{order_id, expected_sequence, fence, release, wake_after_ms, projection columns, events, and either `record`
 * (an attempt) or `set` with set_number, set_from, set_to, set_slot, set_finalized}].
 * Returns the ids that changed; an order that moved on is not among them.
 */
const APPLY_TRANSITIONS = `
WITH input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS t (
    order_id uuid, expected_sequence integer, fence integer, release boolean, wake_after_ms integer,
    ${PROJECTION_COLUMNS}, events json, record json, set_number integer, set_from text, set_to text, set_slot bigint,
    set_finalized boolean)
), changed AS (
  UPDATE orders SET
    ${namesOf(PROJECTION_COLUMNS)
      .map((name) => `${name} = input.${name}`)
      .join(', ')},
    lease_until = CASE WHEN input.release THEN NULL ELSE orders.lease_until END,
    due_at = CASE WHEN input.wake_after_ms > 0 THEN clock_timestamp() + input.wake_after_ms * interval '1 ms'
             ELSE orders.due_at END
  FROM input
  WHERE orders.order_id = input.order_id AND orders.sequence = input.expected_sequence
    AND (input.fence IS NULL OR orders.fence = input.fence)
    AND (input.record IS NULL OR NOT EXISTS (
      SELECT FROM attempts a WHERE a.order_id = input.order_id
        AND (a.state = 'open' OR a.attempt_number = (input.record ->> 'attempt_number')::integer)))
    AND (input.set_number IS NULL OR EXISTS (
      SELECT FROM attempts a WHERE a.order_id = input.order_id
        AND a.attempt_number = input.set_number AND a.state = input.set_from))
  RETURNING orders.order_id
), appended AS (
  INSERT INTO order_events (order_id, ${listOf(EVENT_COLUMNS)})
  SELECT changed.order_id, ${listOf(EVENT_COLUMNS, 'event.')}
  FROM changed JOIN input USING (order_id), json_to_recordset(input.events) AS event (${EVENT_COLUMNS})
), recorded AS (
  INSERT INTO attempts (order_id, ${listOf(ATTEMPT_COLUMNS)})
  SELECT changed.order_id, ${listOf(ATTEMPT_COLUMNS, 'a.').replace('a.bytes', "decode(a.bytes, 'hex')")}
  FROM changed JOIN input USING (order_id), json_to_record(input.record) AS a (${ATTEMPT_COLUMNS})
  WHERE input.record IS NOT NULL
), moved AS (
  UPDATE attempts SET state = input.set_to, slot = input.set_slot, finalized = input.set_finalized
  FROM input JOIN changed USING (order_id)
  WHERE attempts.order_id = input.order_id AND attempts.attempt_number = input.set_number
)
SELECT order_id FROM changed`;

/** $1: ids, $2: lease in milliseconds. Returns the orders that were free and due, with their new fence. */
const CLAIM_ORDERS = `
UPDATE orders SET fence = fence + 1, lease_until = clock_timestamp() + $2::integer * interval '1 ms'
WHERE order_id = ANY ($1::uuid[]) AND NOT terminal AND due_at <= clock_timestamp()
  AND (lease_until IS NULL OR lease_until <= clock_timestamp())
RETURNING *`;

const OPEN_ATTEMPTS_OF = `SELECT * FROM attempts WHERE order_id = ANY ($1::uuid[]) AND state = 'open'`;

const ORDERS_BY_ID = 'SELECT * FROM orders WHERE order_id = ANY ($1::uuid[])';

/** $1: account, $2: idempotency key, $3: client order id. */
const ORDERS_BY_KEYS = `
SELECT * FROM orders WHERE account_id = $1 AND (idempotency_key = $2 OR client_order_id = $3)`;

/** $1: [{order_id, after_sequence, page}]. */
const EVENTS_OF_ORDERS = `
SELECT event.* FROM json_to_recordset($1::json) AS wanted (order_id uuid, after_sequence integer, page integer),
LATERAL (
  SELECT order_id, ${listOf(EVENT_COLUMNS)} FROM order_events
  WHERE order_id = wanted.order_id AND sequence > wanted.after_sequence ORDER BY sequence LIMIT wanted.page
) AS event`;

const ATTEMPTS_OF_ORDER = 'SELECT * FROM attempts WHERE order_id = $1 ORDER BY attempt_number';

/** $1: [{order_id, fence}], $2: lease in milliseconds. */
const RENEW_LEASES = `
UPDATE orders SET lease_until = clock_timestamp() + $2::integer * interval '1 ms'
FROM json_to_recordset($1::json) AS held (order_id uuid, fence integer)
WHERE orders.order_id = held.order_id AND orders.fence = held.fence AND NOT orders.terminal`;

/** $1: id, $2: fence, $3: milliseconds until due. */
const RELEASE_ORDER = `
UPDATE orders SET lease_until = NULL, due_at = clock_timestamp() + $3::integer * interval '1 ms'
WHERE order_id = $1 AND fence = $2`;

const DUE_ORDERS = `
SELECT order_id FROM orders
WHERE NOT terminal AND due_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until <= clock_timestamp())
ORDER BY due_at LIMIT $1`;

const UNFINALIZED_ATTEMPTS = `
SELECT * FROM attempts WHERE state = 'landed' AND NOT finalized ORDER BY recorded_at LIMIT $1`;

const VOID_LEASES = 'UPDATE orders SET lease_until = NULL WHERE NOT terminal AND lease_until IS NOT NULL';

/** Newest first; a null parameter filters nothing. */
const LIST_ORDERS = `
SELECT * FROM orders
WHERE account_id = $1 AND ($2::text[] IS NULL OR status = ANY ($2)) AND ($3::text IS NULL OR mint_in = $3)
  AND ($4::text IS NULL OR mint_out = $4) AND ($5::text IS NULL OR client_order_id = $5)
  AND ($6::uuid IS NULL OR order_id < $6)
ORDER BY order_id DESC LIMIT $7`;

/** Prepared under their own names. */
export const SQL = {
  INSERT_ORDERS,
  APPLY_TRANSITIONS,
  CLAIM_ORDERS,
  OPEN_ATTEMPTS_OF,
  ORDERS_BY_ID,
  ORDERS_BY_KEYS,
  EVENTS_OF_ORDERS,
  ATTEMPTS_OF_ORDER,
  RENEW_LEASES,
  RELEASE_ORDER,
  DUE_ORDERS,
  UNFINALIZED_ATTEMPTS,
  VOID_LEASES,
  LIST_ORDERS,
} as const;
