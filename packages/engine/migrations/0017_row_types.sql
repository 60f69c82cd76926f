-- Rows as they cross from the engine to the database, many in one binary parameter. A type is never altered: a process of an
-- earlier version may still send it. Other columns need another type.

-- A submission.
CREATE TYPE new_order AS (
  order_id             text,
  account_id           text,
  client_order_id      text,
  type                 text,
  mint_in              text,
  symbol_in            text,
  decimals_in          smallint,
  token_program_in     text,
  mint_out             text,
  symbol_out           text,
  decimals_out         smallint,
  token_program_out    text,
  swap_mode            text,
  amount               numeric,
  slippage_bps         smallint,
  max_price_impact_bps smallint,
  min_amount_out       numeric,
  max_amount_in        numeric,
  execution_guard      text,
  dialect              text,
  held_until           timestamptz,
  created_at           timestamptz,
  status               text,
  sequence             integer,
  try_number           integer,
  attempt_number       integer,
  limit_amount         numeric,
  venue                text,
  quoted_price         text,
  signature            text,
  slot                 bigint,
  fill_amount_in       numeric,
  fill_amount_out      numeric,
  network_lamports     numeric,
  rent_lamports        numeric,
  executed_price       text,
  failure_code         text,
  failure_reason       text,
  cancel_requested     boolean,
  needs_review         boolean,
  reorged              boolean,
  finalized            boolean,
  updated_at           timestamptz,
  idempotency_key      text,
  fingerprint          text,
  is_terminal          boolean,
  lease_ms             double precision
);

-- A change of an order: what must be so before, what becomes of the lease, and the new state.
CREATE TYPE order_change AS (
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
  try_number        integer,
  attempt_number    integer,
  limit_amount      numeric,
  venue             text,
  quoted_price      text,
  signature         text,
  slot              bigint,
  fill_amount_in    numeric,
  fill_amount_out   numeric,
  network_lamports  numeric,
  rent_lamports     numeric,
  executed_price    text,
  failure_code      text,
  failure_reason    text,
  cancel_requested  boolean,
  needs_review      boolean,
  reorged           boolean,
  finalized         boolean,
  updated_at        timestamptz
);

-- An event.
CREATE TYPE new_event AS (
  account_id  text,
  order_id    text,
  sequence    integer,
  type        text,
  status      text,
  occurred_at timestamptz,
  data        json
);

-- A recorded attempt and the receipt that it creates, if any.
CREATE TYPE new_attempt AS (
  order_id                text,
  attempt_number          integer,
  signature               text,
  bytes                   bytea,
  last_valid_block_height bigint,
  signing_slot            bigint,
  fill_accounts           json,
  recorded_at             timestamptz,
  receipt_address         text,
  receipt_seed            text,
  receipt_lamports        numeric
);

-- An attempt that can never land.
CREATE TYPE closed_attempt AS (
  order_id       text,
  attempt_number integer,
  closed_as      text,
  slot           bigint
);
