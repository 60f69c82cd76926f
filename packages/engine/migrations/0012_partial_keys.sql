-- Most orders have neither key. Indexes that leave those out spare them two entries when they are written and two more when
-- they end.
ALTER TABLE orders DROP CONSTRAINT orders_account_id_client_order_id_key;
ALTER TABLE orders DROP CONSTRAINT orders_account_id_idempotency_key_key;
CREATE UNIQUE INDEX orders_client_order_id ON orders (account_id, client_order_id) WHERE client_order_id IS NOT NULL;
CREATE UNIQUE INDEX orders_idempotency_key ON orders (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
