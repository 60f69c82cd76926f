-- Orders of clients that speak another interface, and orders that wait for their first stream.

ALTER TABLE orders ADD COLUMN dialect text, ADD COLUMN held_until timestamptz;

COMMENT ON COLUMN orders.dialect    IS 'Interface that it was submitted through. Null for the canonical one.';
COMMENT ON COLUMN orders.held_until IS 'It starts when its first stream connects and expires if none did by then. Null when it starts at once.';
