-- What was asked for is one document, written once. Columns are what statements filter, join, order or count by; the rest of
-- the request is in `request`, and what only the fold of events reads is in `state`. The table is written anew: nothing may
-- read or write orders meanwhile. Amounts in the documents are strings, so that no digit is lost;
-- what is null is left out.
CREATE TABLE new_orders (
  order_id         text COLLATE "C" NOT NULL,
  account_id       text COLLATE "C" NOT NULL,
  client_order_id  text COLLATE "C",
  idempotency_key  text COLLATE "C",
  fingerprint      text             NOT NULL,
  mint_in          text             NOT NULL,
  mint_out         text             NOT NULL,
  held_until       timestamptz,
  request          json             NOT NULL,
  -- From here on a change writes: what is before stays as it is, so the write-ahead log leaves it out.
  status           text             NOT NULL,
  sequence         integer          NOT NULL CHECK (sequence > 0),
  attempt_number   integer          NOT NULL,
  fence            integer          NOT NULL DEFAULT 0 CHECK (fence >= 0),
  slot             bigint,
  lease_until      timestamptz,
  due_at           timestamptz,
  cancel_requested boolean          NOT NULL DEFAULT false,
  needs_review     boolean          NOT NULL DEFAULT false,
  finalized        boolean          NOT NULL DEFAULT false,
  awaits_finality  boolean          NOT NULL DEFAULT false,
  is_held          boolean          NOT NULL DEFAULT false,
  waiting_for      text,
  signature        text,
  state            json             NOT NULL,
  CHECK (due_at IS NOT NULL OR lease_until IS NULL)
) WITH (fillfactor = 50);

INSERT INTO new_orders
SELECT order_id, account_id, client_order_id, idempotency_key, fingerprint, mint_in, mint_out, held_until,
  json_strip_nulls(json_build_object(
    'type', type,
    'tokenIn', json_build_object('symbol', symbol_in, 'decimals', decimals_in, 'tokenProgram', token_program_in),
    'tokenOut', json_build_object('symbol', symbol_out, 'decimals', decimals_out, 'tokenProgram', token_program_out),
    'swapMode', swap_mode,
    'amount', amount::text,
    'slippageBps', coalesce(to_json(slippage_bps), to_json('auto'::text)),
    'maxPriceImpactBps', max_price_impact_bps,
    'minAmountOut', min_amount_out::text,
    'maxAmountIn', max_amount_in::text,
    'executionGuard', execution_guard,
    'dialect', dialect,
    'expiresAtMs', round(extract(epoch FROM expires_at) * 1000)::bigint,
    'seenAmount', seen_amount::text,
    'createdAtMs', round(extract(epoch FROM created_at) * 1000)::bigint
  )),
  status, sequence, attempt_number, fence, slot, lease_until, due_at, cancel_requested, needs_review, finalized,
  awaits_finality, is_held, waiting_for, signature,
  json_strip_nulls(json_build_object(
    'tryNumber', try_number,
    'limitAmount', limit_amount::text,
    'venue', venue,
    'quotedPrice', quoted_price,
    'fill', CASE WHEN fill_amount_in IS NOT NULL THEN json_build_object(
      'amountIn', fill_amount_in::text,
      'amountOut', fill_amount_out::text,
      'fees', json_build_object(
        'networkLamports', network_lamports::text,
        'rentLamports', greatest(rent_lamports, 0)::text,
        'rentRefundedLamports', greatest(-rent_lamports, 0)::text
      )
    ) END,
    'executedPrice', executed_price,
    'failure', CASE WHEN failure_code IS NOT NULL THEN
      json_build_object('code', failure_code, 'reason', coalesce(failure_reason, '')) END,
    'reorged', reorged,
    'waitSinceMs', round(extract(epoch FROM wait_since) * 1000)::bigint,
    'leftOut', coalesce(array_to_json(string_to_array(left_out, ',')), '[]'),
    'updatedAtMs', round(extract(epoch FROM updated_at) * 1000)::bigint
  ))
FROM orders;

DROP TABLE orders;
ALTER TABLE new_orders RENAME TO orders;
ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY (order_id);
CREATE UNIQUE INDEX orders_client_order_id ON orders (account_id, client_order_id) WHERE client_order_id IS NOT NULL;
CREATE UNIQUE INDEX orders_idempotency_key ON orders (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX orders_list ON orders (account_id, order_id);
CREATE INDEX orders_needs_review ON orders (account_id, order_id) WHERE needs_review;
CREATE INDEX orders_unfinalized ON orders (order_id) WHERE awaits_finality;
CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL AND NOT is_held;
CREATE INDEX orders_held ON orders (due_at) WHERE is_held;
CREATE INDEX orders_held_until ON orders (held_until) WHERE is_held;
CREATE TRIGGER orders_share_key_lock BEFORE INSERT ON orders
  FOR EACH STATEMENT EXECUTE FUNCTION share_key_lock();
CREATE TRIGGER orders_skip_bound_key BEFORE INSERT ON orders
  FOR EACH ROW WHEN (NEW.idempotency_key IS NOT NULL) EXECUTE FUNCTION skip_bound_key();

COMMENT ON TABLE orders IS 'One row per order: the immutable request, and what its events fold to.';
COMMENT ON COLUMN orders.order_id         IS 'UUIDv7; sorts by creation. Never null.';
COMMENT ON COLUMN orders.account_id       IS 'Whose order it is. Never null.';
COMMENT ON COLUMN orders.client_order_id  IS 'The caller''s own id, unique in the account. Null if the caller gave none.';
COMMENT ON COLUMN orders.mint_in          IS 'Mint of the token spent, base58. Never null.';
COMMENT ON COLUMN orders.mint_out         IS 'Mint of the token received, base58. Never null.';
COMMENT ON COLUMN orders.held_until       IS 'It starts when its first stream connects and expires if none did by then. Null when it starts at once.';
COMMENT ON COLUMN orders.request          IS 'The rest of what was asked for, written once: the fields of `OrderRequest`, amounts as strings, without what is null. Never null.';
COMMENT ON COLUMN orders.status           IS 'Status after the last event. Never null.';
COMMENT ON COLUMN orders.sequence         IS 'Sequence of the last event, from 1. Never null.';
COMMENT ON COLUMN orders.attempt_number   IS 'Number of the last recorded attempt, 0 before the first. Never null.';
COMMENT ON COLUMN orders.slot             IS 'Slot in which the fill executed. Null unless confirmed.';
COMMENT ON COLUMN orders.cancel_requested IS 'A cancel was requested while an attempt was open; the store records no attempt any more. Never null.';
COMMENT ON COLUMN orders.needs_review     IS 'No node''s history can show what became of it: the store records no attempt until that is decided. Never null.';
COMMENT ON COLUMN orders.finalized        IS 'The fill was read again at commitment finalized. Never null.';
COMMENT ON COLUMN orders.waiting_for      IS 'What it waits for, such as chain_unavailable. Null while it does not wait.';
COMMENT ON COLUMN orders.signature        IS 'Signature of the last attempt, base58. Null before the first.';
COMMENT ON COLUMN orders.state            IS 'The rest of what its events fold to: the other fields of `Order`, amounts as strings, without what is null. Never null.';
COMMENT ON COLUMN orders.idempotency_key  IS 'Header Idempotency-Key, unique in the account for ever. Null if absent.';
COMMENT ON COLUMN orders.fingerprint      IS 'Equal for equal request bodies. Never null.';
COMMENT ON COLUMN orders.fence            IS 'Raised by each claim; a writer with a lower one is refused. Never null.';
COMMENT ON COLUMN orders.lease_until      IS 'End of the current lease, by the database''s clock. Null without a lease.';
COMMENT ON COLUMN orders.due_at           IS 'From when it may be claimed, by the database''s clock. Null while its status is terminal.';
COMMENT ON COLUMN orders.awaits_finality  IS 'It is confirmed, and the block is not final yet. Never null.';
COMMENT ON COLUMN orders.is_held          IS 'It rests until held_until, unless its stream starts it before. Never null.';

-- A process of an earlier version can write none of its rows any more, so their types go, too.
DROP TYPE new_order, new_order_2, order_change, order_change_2;

CREATE TYPE new_order_3 AS (
  order_id         text,
  account_id       text,
  client_order_id  text,
  held_until       timestamptz,
  mint_in          text,
  mint_out         text,
  request          json,
  status           text,
  sequence         integer,
  attempt_number   integer,
  slot             bigint,
  cancel_requested boolean,
  needs_review     boolean,
  finalized        boolean,
  waiting_for      text,
  signature        text,
  state            json,
  idempotency_key  text,
  fingerprint      text,
  is_terminal      boolean,
  lease_ms         double precision
);

CREATE TYPE order_change_3 AS (
  order_id          text,
  expected_sequence integer,
  expected_fence    integer,
  records_attempt   boolean,
  expected_attempt  integer,
  expected_status   text,
  is_terminal       boolean,
  release_ms        double precision,
  status            text,
  sequence          integer,
  attempt_number    integer,
  slot              bigint,
  cancel_requested  boolean,
  needs_review      boolean,
  finalized         boolean,
  waiting_for       text,
  signature         text,
  state             json
);
