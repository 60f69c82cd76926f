-- The account's stream: every event of its orders, numbered from 1 without a gap. An event gets its position in the
-- transaction that writes it, from the account's row below, which is locked until the commit: so positions become visible
-- in their order, and whoever reads "after N" misses nothing. A plain sequence would be committed out of order.
ALTER TABLE order_events ADD COLUMN account_id text COLLATE "C";
COMMENT ON COLUMN order_events.account_id IS 'Whose stream it is in: the order''s account. Never null.';
COMMENT ON COLUMN order_events.position   IS 'Place in the account''s stream, from 1 without a gap. Never null.';

CREATE TABLE account_streams (
  account_id    text COLLATE "C" PRIMARY KEY,
  last_position bigint           NOT NULL
);
COMMENT ON TABLE  account_streams               IS 'How far each account''s stream reaches.';
COMMENT ON COLUMN account_streams.account_id    IS 'The account. Never null.';
COMMENT ON COLUMN account_streams.last_position IS 'Position of its last event. Never null.';

-- Events from before, by time; those of one order by their sequence, whatever its clocks said.
WITH dated AS (
  SELECT e.order_id, e.sequence, o.account_id,
    max(e.occurred_at) OVER (PARTITION BY e.order_id ORDER BY e.sequence) AS dated_at
  FROM order_events e JOIN orders o USING (order_id)
), placed AS (
  SELECT order_id, sequence, account_id,
    row_number() OVER (PARTITION BY account_id ORDER BY dated_at, order_id, sequence) AS place
  FROM dated
)
UPDATE order_events e SET position = p.place, account_id = p.account_id
FROM placed p WHERE e.order_id = p.order_id AND e.sequence = p.sequence;
INSERT INTO account_streams SELECT account_id, max(position) FROM order_events GROUP BY account_id;

ALTER TABLE order_events ALTER COLUMN account_id SET NOT NULL, ALTER COLUMN position SET NOT NULL;
CREATE UNIQUE INDEX order_events_stream ON order_events (account_id, position);

-- With its position an event is complete: no column may change any more.
DROP TRIGGER order_events_position_is_fixed ON order_events;
DROP TRIGGER order_events_content_is_fixed ON order_events;
CREATE TRIGGER order_events_are_fixed
  BEFORE UPDATE ON order_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();
