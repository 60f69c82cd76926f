-- A submission that is known by its client_order_id may come again with an Idempotency-Key that its order was not stored with.
-- That key means this order from then on, as one that came first does: no other body gets it.
CREATE TABLE idempotency_keys (
  account_id      text COLLATE "C" NOT NULL,
  idempotency_key text COLLATE "C" NOT NULL,
  order_id        text COLLATE "C" NOT NULL,
  PRIMARY KEY (account_id, idempotency_key)
);
COMMENT ON TABLE  idempotency_keys                 IS 'Keys of repeats beside those that orders were stored with.';
COMMENT ON COLUMN idempotency_keys.account_id      IS 'Whose order it is. Never null.';
COMMENT ON COLUMN idempotency_keys.idempotency_key IS 'Header Idempotency-Key, unique in the account for ever. Never null.';
COMMENT ON COLUMN idempotency_keys.order_id        IS 'The order that answered it. Never null.';

-- A key is in one of two tables, and no index spans both. Submissions share this lock, binding a key has it alone; each looks
-- for the key only once it holds the lock, so it sees what was committed before. The number names the lock and nothing else.
CREATE FUNCTION share_key_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(6418730251);
  RETURN NULL;
END $$;
CREATE FUNCTION skip_bound_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM idempotency_keys k
             WHERE k.account_id = NEW.account_id AND k.idempotency_key = NEW.idempotency_key) THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER orders_share_key_lock BEFORE INSERT ON orders
  FOR EACH STATEMENT EXECUTE FUNCTION share_key_lock();
CREATE TRIGGER orders_skip_bound_key BEFORE INSERT ON orders
  FOR EACH ROW WHEN (NEW.idempotency_key IS NOT NULL) EXECUTE FUNCTION skip_bound_key();

-- The order that has the key now: `to_order`, unless another one had it already.
CREATE FUNCTION bind_idempotency_key(for_account text, new_key text, to_order text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  owner text;
BEGIN
  PERFORM pg_advisory_xact_lock(6418730251);
  SELECT o.order_id INTO owner FROM orders o
    WHERE o.account_id = for_account AND o.idempotency_key = new_key;
  IF owner IS NULL THEN
    INSERT INTO idempotency_keys VALUES (for_account, new_key, to_order) ON CONFLICT DO NOTHING;
    SELECT k.order_id INTO owner FROM idempotency_keys k
      WHERE k.account_id = for_account AND k.idempotency_key = new_key;
  END IF;
  RETURN owner;
END $$;
