-- The account's stream: every event of its orders, numbered from 1 without a gap.

-- Numbering happens after the commit, by one process at a time. Numbers taken within the transactions themselves would be
-- committed out of order, and whoever reads "after N" would miss those that come late.
ALTER TABLE order_events ADD COLUMN account_id text COLLATE "C",
  ADD CHECK ((position IS NULL) = (account_id IS NULL));
COMMENT ON COLUMN order_events.account_id IS 'Whose stream the position is in. Null until it has one.';

CREATE INDEX order_events_unnumbered ON order_events (order_id, sequence) WHERE position IS NULL;
CREATE UNIQUE INDEX order_events_stream ON order_events (account_id, position) WHERE position IS NOT NULL;

DROP TRIGGER order_events_position_is_fixed ON order_events;
CREATE TRIGGER order_events_position_is_fixed
  BEFORE UPDATE OF position, account_id ON order_events
  FOR EACH ROW WHEN (OLD.position IS NOT NULL OR NEW.position IS NULL)
  EXECUTE FUNCTION refuse_change_of_log();

CREATE TABLE account_streams (
  account_id    text COLLATE "C" PRIMARY KEY,
  last_position bigint           NOT NULL
);
COMMENT ON TABLE  account_streams               IS 'How far each account''s stream reaches.';
COMMENT ON COLUMN account_streams.account_id    IS 'The account. Never null.';
COMMENT ON COLUMN account_streams.last_position IS 'Position of its last numbered event. Never null.';
