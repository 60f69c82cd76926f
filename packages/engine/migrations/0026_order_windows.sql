-- Old orders can leave. An order, its events and its attempts have one id, which begins with the time of acceptance; so the three tables
-- are partitioned by it, and what was accepted within one window of time leaves by dropping three partitions. What there is becomes
-- the first partition of each as it stands: no row of the three tables is written, and orders are read once, for their keys.
--
-- The tables as statements name them have no index: each partition has its own, made like those of the one before. Within a partition
-- order id, event and attempt are unique; and since an order id decides about the partition, they are in the whole table. A position
-- is given under the lock of its account's row, and a signature is over the order's id. Only keys that clients choose need a
-- table of their own.

-- Keys of clients, for all windows. A submission writes them before its order, which is left out if another order has one of them.
INSERT INTO idempotency_keys
SELECT account_id, idempotency_key, order_id FROM orders WHERE idempotency_key IS NOT NULL ON CONFLICT DO NOTHING;
COMMENT ON TABLE idempotency_keys IS 'Keys under which clients submitted or repeated orders.';
COMMENT ON COLUMN idempotency_keys.idempotency_key IS 'Header Idempotency-Key, unique in the account. Never null.';

CREATE TABLE client_order_ids (
  account_id      text COLLATE "C" NOT NULL,
  client_order_id text COLLATE "C" NOT NULL,
  order_id        text COLLATE "C" NOT NULL,
  PRIMARY KEY (account_id, client_order_id)
);
COMMENT ON TABLE  client_order_ids                 IS 'The ids that clients gave their orders.';
COMMENT ON COLUMN client_order_ids.account_id      IS 'Whose order it is. Never null.';
COMMENT ON COLUMN client_order_ids.client_order_id IS 'The caller''s own id, unique in the account. Never null.';
COMMENT ON COLUMN client_order_ids.order_id        IS 'The order. Never null.';
INSERT INTO client_order_ids
SELECT account_id, client_order_id, order_id FROM orders WHERE client_order_id IS NOT NULL;

DROP TRIGGER orders_share_key_lock ON orders;
DROP TRIGGER orders_skip_bound_key ON orders;
DROP FUNCTION share_key_lock, skip_bound_key;
DROP INDEX orders_idempotency_key, orders_client_order_id;
COMMENT ON COLUMN orders.idempotency_key IS 'Header Idempotency-Key of a submission on its way to idempotency_keys. Null once stored; not read of older rows.';

-- The order that has the key now: `to_order`, unless another one had it already.
CREATE OR REPLACE FUNCTION bind_idempotency_key(for_account text, new_key text, to_order text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  owner text;
BEGIN
  INSERT INTO idempotency_keys VALUES (for_account, new_key, to_order) ON CONFLICT DO NOTHING;
  SELECT k.order_id INTO owner FROM idempotency_keys k
    WHERE k.account_id = for_account AND k.idempotency_key = new_key;
  RETURN owner;
END $$;

-- Writes the keys of a submission, or skips it.
CREATE FUNCTION keep_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM orders o WHERE o.order_id = NEW.order_id) THEN
    RETURN NULL;
  END IF;
  IF NEW.idempotency_key IS NOT NULL THEN
    INSERT INTO idempotency_keys VALUES (NEW.account_id, NEW.idempotency_key, NEW.order_id) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
  END IF;
  IF NEW.client_order_id IS NOT NULL THEN
    INSERT INTO client_order_ids VALUES (NEW.account_id, NEW.client_order_id, NEW.order_id) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      DELETE FROM idempotency_keys k WHERE k.account_id = NEW.account_id AND k.idempotency_key = NEW.idempotency_key;
      RETURN NULL;
    END IF;
  END IF;
  NEW.idempotency_key := NULL;
  RETURN NEW;
END $$;

ALTER TABLE orders RENAME TO orders_rest;
ALTER TABLE order_events RENAME TO order_events_rest;
ALTER TABLE attempts RENAME TO attempts_rest;

CREATE TABLE orders (LIKE orders_rest INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING COMMENTS)
  PARTITION BY RANGE (order_id);
CREATE TABLE order_events (LIKE order_events_rest INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)
  PARTITION BY RANGE (order_id);
CREATE TABLE attempts (LIKE attempts_rest INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)
  PARTITION BY RANGE (order_id);
COMMENT ON TABLE orders       IS 'One row per order: the immutable request, and what its events fold to. Partitioned by windows of order ids.';
COMMENT ON TABLE order_events IS 'The log: facts about orders, appended and never changed. Partitioned by windows of order ids.';
COMMENT ON TABLE attempts     IS 'Signed transactions, one row each, written before they are sent. Partitioned by windows of order ids.';

-- Orders that no window has: all of them, until a window begins.
ALTER TABLE orders ATTACH PARTITION orders_rest DEFAULT;
ALTER TABLE order_events ATTACH PARTITION order_events_rest DEFAULT;
ALTER TABLE attempts ATTACH PARTITION attempts_rest DEFAULT;

CREATE TRIGGER orders_keep_keys BEFORE INSERT ON orders
  FOR EACH ROW WHEN (NEW.idempotency_key IS NOT NULL OR NEW.client_order_id IS NOT NULL) EXECUTE FUNCTION keep_keys();
-- A statement's trigger holds for the table that the statement names: each partition has its own two.
CREATE TRIGGER order_events_are_kept
  BEFORE DELETE OR TRUNCATE ON order_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();
CREATE TRIGGER order_events_are_fixed
  BEFORE UPDATE ON order_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();

CREATE TABLE order_windows (
  name     text             PRIMARY KEY,
  from_id  text COLLATE "C" NOT NULL,
  until_id text COLLATE "C" NOT NULL
);
COMMENT ON TABLE  order_windows          IS 'Windows of order ids that have partitions of their own. Orders outside of them are in the default ones.';
COMMENT ON COLUMN order_windows.name     IS 'What the names of its partitions end with. Never null.';
COMMENT ON COLUMN order_windows.from_id  IS 'The least order id in it, or the beginning of one. Never null.';
COMMENT ON COLUMN order_windows.until_id IS 'The first order id that is not in it any more. Never null.';

CREATE TABLE departed_windows (
  from_id  text COLLATE "C" NOT NULL,
  until_id text COLLATE "C" NOT NULL,
  orders   bigint           NOT NULL,
  left_at  timestamptz      NOT NULL DEFAULT now()
);
COMMENT ON TABLE  departed_windows          IS 'Windows of order ids whose orders have left.';
COMMENT ON COLUMN departed_windows.from_id  IS 'The least order id in it, or the beginning of one. Never null.';
COMMENT ON COLUMN departed_windows.until_id IS 'The first order id that was not in it any more. Never null.';
COMMENT ON COLUMN departed_windows.orders   IS 'How many orders left with it. Never null.';
COMMENT ON COLUMN departed_windows.left_at  IS 'When they left. Never null.';

ALTER TABLE account_streams ADD COLUMN departed_position bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN account_streams.departed_position IS 'Position of the last event that has left; the stream is whole after it. 0 while none has. Never null.';
