-- A tolerance that the engine chooses, and an order's own ceiling for its price impact.

ALTER TABLE orders ALTER COLUMN slippage_bps DROP NOT NULL, ADD COLUMN max_price_impact_bps smallint;

COMMENT ON COLUMN orders.slippage_bps         IS 'Tolerance in basis points, 0 to 10000. Null when the engine chooses it with the first quote.';
COMMENT ON COLUMN orders.max_price_impact_bps IS 'The most that the order''s own size may move the price, basis points. Null for the engine''s ceiling.';
