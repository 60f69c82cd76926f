-- An order's row tells the state of its last attempt: open while it is submitted, landed while it is confirmed. So only the
-- end of an attempt that did not land is written to it, and most attempts are written once.
ALTER TABLE attempts ADD COLUMN closed_as text CHECK (closed_as IN ('reverted', 'expired', 'blocked'));
UPDATE attempts SET closed_as = state WHERE state IN ('reverted', 'expired', 'blocked');
UPDATE attempts SET slot = NULL WHERE state NOT IN ('reverted', 'expired', 'blocked') AND slot IS NOT NULL;
COMMENT ON COLUMN attempts.closed_as IS 'reverted, expired or blocked: it can never land. Null while it may, or has.';
COMMENT ON COLUMN attempts.slot      IS 'Slot in which it reverted. Null otherwise.';

DROP INDEX attempts_one_open, attempts_unfinalized;
ALTER TABLE attempts DROP COLUMN state, DROP COLUMN finalized;

-- The second of two transactions that could both land for one order is refused here, whatever the code does.
CREATE UNIQUE INDEX attempts_one_alive ON attempts (order_id) WHERE closed_as IS NULL;

-- A column of its own: an index that asked for the status would be written anew with each change of an order.
ALTER TABLE orders ADD COLUMN awaits_finality boolean NOT NULL DEFAULT false;
UPDATE orders SET awaits_finality = true WHERE status = 'confirmed' AND NOT finalized;
CREATE INDEX orders_unfinalized ON orders (order_id) WHERE awaits_finality;
COMMENT ON COLUMN orders.awaits_finality IS 'It is confirmed, and the block is not final yet. Never null.';
