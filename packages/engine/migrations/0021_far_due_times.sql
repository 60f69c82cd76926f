-- Orders whose due time a clock that was ahead has written are found by how far off it lies. Those that are held lie far
-- off by right, so they have indexes of their own. `is_held` changes once in the life of an order that was held, and never
-- in others: their updates stay within the page.
ALTER TABLE orders ADD COLUMN is_held boolean NOT NULL DEFAULT false;
UPDATE orders SET is_held = true WHERE due_at IS NOT NULL AND status = 'pending' AND held_until IS NOT NULL;
COMMENT ON COLUMN orders.is_held IS 'It rests until held_until, unless its stream starts it before. Never null.';

DROP INDEX orders_due;
CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL AND NOT is_held;
CREATE INDEX orders_held ON orders (due_at) WHERE is_held;
CREATE INDEX orders_held_until ON orders (held_until) WHERE is_held;
