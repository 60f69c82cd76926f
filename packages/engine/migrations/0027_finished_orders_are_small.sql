-- What was signed is sent until the chain has decided, and the fill is read with the accounts that it names. Once its order can change no
-- more, nothing needs either, and they were a fifth of what an order takes. So they are in a table of three parts, each of which has what
-- was recorded in ten minutes of thirty, and which is emptied as a whole before its turn comes again: without dead rows.
CREATE TABLE transactions (
  part           smallint         NOT NULL,
  order_id       text COLLATE "C" NOT NULL,
  attempt_number integer          NOT NULL,
  bytes          bytea            NOT NULL,
  fill_accounts  json             NOT NULL,
  PRIMARY KEY (order_id, attempt_number, part)
) PARTITION BY LIST (part);
CREATE TABLE transactions_0 PARTITION OF transactions FOR VALUES IN (0);
CREATE TABLE transactions_1 PARTITION OF transactions FOR VALUES IN (1);
CREATE TABLE transactions_2 PARTITION OF transactions FOR VALUES IN (2);
COMMENT ON TABLE  transactions                IS 'What was signed, one row for each attempt of an order that may still change. Partitioned by the time of the record.';
COMMENT ON COLUMN transactions.part           IS 'Which ten minutes of thirty it was recorded in, 0 to 2. Never null.';
COMMENT ON COLUMN transactions.order_id       IS 'The order. Never null.';
COMMENT ON COLUMN transactions.attempt_number IS 'Place among the order''s attempts, from 1. Never null.';
COMMENT ON COLUMN transactions.bytes          IS 'The signed transaction as it is sent. Never null.';
COMMENT ON COLUMN transactions.fill_accounts  IS 'Accounts from which the fill is read. Never null.';

INSERT INTO transactions
SELECT 0, a.order_id, a.attempt_number, a.bytes, a.fill_accounts FROM orders o JOIN attempts a USING (order_id)
WHERE o.settled_as IS NULL;
-- The columns are gone at once; no row of attempts is written.
ALTER TABLE attempts DROP COLUMN bytes, DROP COLUMN fill_accounts;
COMMENT ON TABLE attempts IS 'Attempts to execute an order, one row each, written before their transactions are sent. Partitioned by windows of order ids.';

-- What a fill was when it became final is what it was when it was confirmed, in nearly every log.
ALTER TABLE order_events ALTER COLUMN data DROP NOT NULL;
COMMENT ON COLUMN order_events.data IS 'What the event carries, in wire form; may be empty. Null: word for word what the event before it carries.';

COMMENT ON COLUMN orders.request IS 'The rest of what was asked for, written once: the fields of `OrderRequest`, amounts as strings, without what is null or usual. Never null.';
COMMENT ON COLUMN orders.state   IS 'The rest of what its events fold to: the other fields of `Order`, amounts as strings, without what is null or usual. Never null.';
