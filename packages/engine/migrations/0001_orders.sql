-- Orders, their log and their attempts. Runs unchanged on PGlite (PostgreSQL 18) and PostgreSQL 15.
-- Amounts are numeric(20,0): base units of their token, 0 to 2^64 - 1. Ids sort by byte, as in the engine.

CREATE TABLE schema_migrations (
  version    integer     PRIMARY KEY,
  name       text        NOT NULL,
  sha256     text        NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE  schema_migrations            IS 'Applied migration files, one row each.';
COMMENT ON COLUMN schema_migrations.version    IS 'Number at the start of the file name. Never null.';
COMMENT ON COLUMN schema_migrations.name       IS 'File name. Never null.';
COMMENT ON COLUMN schema_migrations.sha256     IS 'Hash of the file as it was applied, hexadecimal. Never null.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When it was applied. Never null.';

-- An order is updated five times or more. Half of each page left free, and no index on what changes often keep those
-- updates within the page (HOT): no index is touched, and dead rows are cleaned up without a vacuum.
CREATE TABLE orders (
  order_id          text COLLATE "C" PRIMARY KEY,
  account_id        text COLLATE "C" NOT NULL,
  client_order_id   text COLLATE "C",
  idempotency_key   text COLLATE "C",
  fingerprint       text          NOT NULL,
  type              text          NOT NULL,
  mint_in           text          NOT NULL,
  symbol_in         text          NOT NULL,
  decimals_in       smallint      NOT NULL,
  token_program_in  text          NOT NULL,
  mint_out          text          NOT NULL,
  symbol_out        text          NOT NULL,
  decimals_out      smallint      NOT NULL,
  token_program_out text          NOT NULL,
  swap_mode         text          NOT NULL,
  amount            numeric(20,0) NOT NULL,
  slippage_bps      smallint      NOT NULL,
  min_amount_out    numeric(20,0),
  max_amount_in     numeric(20,0),
  created_at        timestamptz   NOT NULL,
  status            text          NOT NULL,
  sequence          integer       NOT NULL,
  try_number        integer       NOT NULL,
  attempt_number    integer       NOT NULL,
  limit_amount      numeric(20,0),
  venue             text,
  quoted_price      text,
  signature         text,
  slot              bigint,
  fill_amount_in    numeric(20,0),
  fill_amount_out   numeric(20,0),
  network_lamports  numeric(20,0),
  rent_lamports     numeric(20,0),
  executed_price    text,
  failure_code      text,
  failure_reason    text,
  reorged           boolean       NOT NULL,
  finalized         boolean       NOT NULL,
  updated_at        timestamptz   NOT NULL,
  fence             integer       NOT NULL DEFAULT 0,
  lease_until       timestamptz,
  due_at            timestamptz,
  UNIQUE (account_id, client_order_id),
  UNIQUE (account_id, idempotency_key),
  CHECK (swap_mode IN ('exactIn', 'exactOut')),
  CHECK (sequence > 0 AND fence >= 0),
  CHECK (due_at IS NOT NULL OR lease_until IS NULL)
) WITH (fillfactor = 50);

CREATE INDEX orders_list ON orders (account_id, order_id);
CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL;

COMMENT ON TABLE  orders                   IS 'One row per order: the immutable request, and what its events fold to.';
COMMENT ON COLUMN orders.order_id          IS 'UUIDv7; sorts by creation. Never null.';
COMMENT ON COLUMN orders.account_id        IS 'Whose order it is. Never null.';
COMMENT ON COLUMN orders.client_order_id   IS 'The caller''s own id, unique in the account. Null if the caller gave none.';
COMMENT ON COLUMN orders.idempotency_key   IS 'Header Idempotency-Key, unique in the account for ever. Null if absent.';
COMMENT ON COLUMN orders.fingerprint       IS 'Equal for equal request bodies. Never null.';
COMMENT ON COLUMN orders.type              IS 'Order type, such as market. Never null.';
COMMENT ON COLUMN orders.mint_in           IS 'Mint of the token spent, base58. Never null.';
COMMENT ON COLUMN orders.symbol_in         IS 'Its display name at acceptance. Never null.';
COMMENT ON COLUMN orders.decimals_in       IS 'Its decimals, 0 to 18. Never null.';
COMMENT ON COLUMN orders.token_program_in  IS 'Token program that owns its mint, base58. Never null.';
COMMENT ON COLUMN orders.mint_out          IS 'Mint of the token received, base58. Never null.';
COMMENT ON COLUMN orders.symbol_out        IS 'Its display name at acceptance. Never null.';
COMMENT ON COLUMN orders.decimals_out      IS 'Its decimals, 0 to 18. Never null.';
COMMENT ON COLUMN orders.token_program_out IS 'Token program that owns its mint, base58. Never null.';
COMMENT ON COLUMN orders.swap_mode         IS 'Which side is fixed: exactIn or exactOut. Never null.';
COMMENT ON COLUMN orders.amount            IS 'The fixed side: base units of the token spent (exactIn) or received (exactOut). Never null.';
COMMENT ON COLUMN orders.slippage_bps      IS 'Tolerance in basis points, 0 to 10000. Never null.';
COMMENT ON COLUMN orders.min_amount_out    IS 'The user''s floor, base units of the token received. Null when only slippage protects.';
COMMENT ON COLUMN orders.max_amount_in     IS 'The user''s ceiling, base units of the token spent. Null when only slippage protects.';
COMMENT ON COLUMN orders.created_at        IS 'When it was accepted, to the millisecond. Never null.';
COMMENT ON COLUMN orders.status            IS 'Status after the last event. Never null.';
COMMENT ON COLUMN orders.sequence          IS 'Sequence of the last event, from 1. Never null.';
COMMENT ON COLUMN orders.try_number        IS 'Number of the current try, 0 before the first. Never null.';
COMMENT ON COLUMN orders.attempt_number    IS 'Number of the last recorded attempt, 0 before the first. Never null.';
COMMENT ON COLUMN orders.limit_amount      IS 'Fixed by the first chosen quote: least output (exactIn) or most input (exactOut), base units. Null before.';
COMMENT ON COLUMN orders.venue             IS 'Venue of the current route, several joined by "+". Null before the first route.';
COMMENT ON COLUMN orders.quoted_price      IS 'Token received per token spent by the current route, decimal string. Null before the first route.';
COMMENT ON COLUMN orders.signature         IS 'Signature of the last attempt, base58. Null before the first.';
COMMENT ON COLUMN orders.slot              IS 'Slot in which the fill executed. Null unless confirmed.';
COMMENT ON COLUMN orders.fill_amount_in    IS 'What left, base units of the token spent. Null unless confirmed.';
COMMENT ON COLUMN orders.fill_amount_out   IS 'What arrived, base units of the token received. Null unless confirmed.';
COMMENT ON COLUMN orders.network_lamports  IS 'Network fee of the fill, lamports. Null unless confirmed.';
COMMENT ON COLUMN orders.rent_lamports     IS 'Rent left in new token accounts, lamports; negative when one was closed. Null unless confirmed.';
COMMENT ON COLUMN orders.executed_price    IS 'Token received per token spent by the fill, decimal string. Null unless confirmed.';
COMMENT ON COLUMN orders.failure_code      IS 'Why it failed. Null unless failed.';
COMMENT ON COLUMN orders.failure_reason    IS 'The same as one sentence for a person. Null unless failed.';
COMMENT ON COLUMN orders.reorged           IS 'A fork dropped the confirmed block; the same bytes are being sent again. Never null.';
COMMENT ON COLUMN orders.finalized         IS 'The fill was read again at commitment finalized. Never null.';
COMMENT ON COLUMN orders.updated_at        IS 'Timestamp of the last event. Never null.';
COMMENT ON COLUMN orders.fence             IS 'Raised by each claim; a writer with a lower one is refused. Never null.';
COMMENT ON COLUMN orders.lease_until       IS 'End of the current lease, by the database''s clock. Null without a lease.';
COMMENT ON COLUMN orders.due_at            IS 'From when it may be claimed, by the database''s clock. Null while its status is terminal.';

-- Without a foreign key: an event is only ever written by the statement that writes its order, and checking each of
-- them again would cost a tenth of the throughput.
CREATE TABLE order_events (
  order_id    text COLLATE "C" NOT NULL,
  sequence    integer          NOT NULL,
  type        text             NOT NULL,
  status      text             NOT NULL,
  occurred_at timestamptz      NOT NULL,
  data        jsonb            NOT NULL,
  position    bigint,
  PRIMARY KEY (order_id, sequence)
);
COMMENT ON TABLE  order_events             IS 'The log: facts about orders, appended and never changed.';
COMMENT ON COLUMN order_events.order_id    IS 'The order. Never null.';
COMMENT ON COLUMN order_events.sequence    IS 'Place in the order''s log, from 1 without a gap. Never null.';
COMMENT ON COLUMN order_events.type        IS 'Event type, such as order.pending. Never null.';
COMMENT ON COLUMN order_events.status      IS 'Status of the order after the event. Never null.';
COMMENT ON COLUMN order_events.occurred_at IS 'Timestamp of the event, to the millisecond. Never null.';
COMMENT ON COLUMN order_events.data        IS 'What the event carries, in wire form. Never null, may be empty.';
COMMENT ON COLUMN order_events.position    IS 'Place in the account''s stream, given after the commit. Null until then.';

CREATE TABLE attempts (
  order_id                text COLLATE "C" NOT NULL REFERENCES orders,
  attempt_number          integer     NOT NULL,
  signature               text        NOT NULL UNIQUE,
  bytes                   bytea       NOT NULL,
  last_valid_block_height bigint      NOT NULL,
  signing_slot            bigint      NOT NULL,
  fill_accounts           jsonb       NOT NULL,
  state                   text        NOT NULL,
  slot                    bigint,
  finalized               boolean     NOT NULL,
  recorded_at             timestamptz NOT NULL,
  PRIMARY KEY (order_id, attempt_number),
  CHECK (state IN ('open', 'landed', 'reverted', 'expired'))
);
-- The second of two transactions that could both be in flight for one order is refused here, whatever the code does.
CREATE UNIQUE INDEX attempts_one_open ON attempts (order_id) WHERE state = 'open';
CREATE INDEX attempts_unfinalized ON attempts (recorded_at, order_id) WHERE state = 'landed' AND NOT finalized;

COMMENT ON TABLE  attempts                         IS 'Signed transactions, one row each, written before they are sent.';
COMMENT ON COLUMN attempts.order_id                IS 'The order. Never null.';
COMMENT ON COLUMN attempts.attempt_number          IS 'Place among the order''s attempts, from 1. Never null.';
COMMENT ON COLUMN attempts.signature               IS 'The transaction''s id on chain, base58; never two attempts of one. Never null.';
COMMENT ON COLUMN attempts.bytes                   IS 'The signed transaction as it is sent. Never null.';
COMMENT ON COLUMN attempts.last_valid_block_height IS 'Block height after which it can never execute. Never null.';
COMMENT ON COLUMN attempts.signing_slot            IS 'Slot of its blockhash. Never null.';
COMMENT ON COLUMN attempts.fill_accounts           IS 'Accounts from which the fill is read. Never null.';
COMMENT ON COLUMN attempts.state                   IS 'open, landed, reverted or expired. Never null.';
COMMENT ON COLUMN attempts.slot                    IS 'Slot in which it executed. Null while open or expired.';
COMMENT ON COLUMN attempts.finalized               IS 'Its outcome was read at commitment finalized. Never null.';
COMMENT ON COLUMN attempts.recorded_at             IS 'When it was recorded, to the millisecond. Never null.';
