-- Reviews of a database that was restored from a backup against the chain, and what they found to be lost.
CREATE TABLE recoveries (
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE UNIQUE INDEX recoveries_one_unfinished ON recoveries ((true)) WHERE finished_at IS NULL;
COMMENT ON TABLE  recoveries             IS 'Starts with --recovered; while one is unfinished, no process takes orders.';
COMMENT ON COLUMN recoveries.started_at  IS 'When it began. Never null.';
COMMENT ON COLUMN recoveries.finished_at IS 'When every unfinished order had been compared with the chain. Null until then.';

CREATE TABLE lost_transactions (
  signature text        PRIMARY KEY,
  order_id  text        NOT NULL,
  slot      bigint      NOT NULL,
  failed    boolean     NOT NULL,
  found_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE  lost_transactions           IS 'Our transactions on the chain whose order a restored database does not have.';
COMMENT ON COLUMN lost_transactions.signature IS 'The transaction, base58. Never null.';
COMMENT ON COLUMN lost_transactions.order_id  IS 'The lost order, from the memo. Never null.';
COMMENT ON COLUMN lost_transactions.slot      IS 'Slot in which it executed. Never null.';
COMMENT ON COLUMN lost_transactions.failed    IS 'Whether it only paid its fee. Never null.';
COMMENT ON COLUMN lost_transactions.found_at  IS 'When a review found it. Never null.';
