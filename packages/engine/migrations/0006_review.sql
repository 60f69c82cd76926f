-- Orders about which only a person, or a node with more history, can decide.
ALTER TABLE orders ADD COLUMN needs_review boolean NOT NULL DEFAULT false;
CREATE INDEX orders_needs_review ON orders (account_id, order_id) WHERE needs_review;
COMMENT ON COLUMN orders.needs_review IS 'No node''s history can show what became of it: the store records no attempt until that is decided. Never null.';
