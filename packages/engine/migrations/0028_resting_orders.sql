-- A resting order waits for its trigger and is never due, so that it costs no worker anything. Its status stands where those of
-- orders that are over do: in the indexes of lists, and in one of its own, from which a process that starts reads them all.
CREATE INDEX orders_open ON orders (order_id text_pattern_ops) WHERE settled_as = 'open';
COMMENT ON COLUMN orders.due_at IS 'From when it may be claimed, by the database''s clock. Null while it is over or open.';
COMMENT ON COLUMN orders.settled_as IS 'Its status while no worker has to go on with it: over, and final if confirmed, or open. Null otherwise.';

-- What a process that watches prices must hear of. Other events are not in it.
CREATE INDEX order_events_resting ON order_events (account_id, position)
  WHERE type IN ('order.opened', 'order.amended', 'order.canceled', 'order.expired');

-- The highest prices that trailing stops have seen, so that a restart forgets none.
CREATE TABLE price_marks (
  name text PRIMARY KEY,
  marks jsonb NOT NULL
);
COMMENT ON TABLE price_marks IS 'The highest prices that trailing stops have seen, by pair and source of the price.';
COMMENT ON COLUMN price_marks.name IS 'The pair and the source of its price: mints and source, joined by spaces. Never null.';
COMMENT ON COLUMN price_marks.marks IS 'Since when each of the highest prices has been the highest. Never null.';
