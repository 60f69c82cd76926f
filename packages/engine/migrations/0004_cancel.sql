-- A cancel that came while an attempt was open.
ALTER TABLE orders ADD COLUMN cancel_requested boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN orders.cancel_requested IS 'A cancel was requested while an attempt was open; the store records no attempt any more. Never null.';
