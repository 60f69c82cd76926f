-- Orders that may be filled in part. Their limit is a price, kept as what the whole amount would have to bring; where there
-- is room for little of a large amount that is more than one token account can hold, so it gets more digits.

ALTER TABLE orders DROP CONSTRAINT orders_swap_mode_check,
  ADD CONSTRAINT orders_swap_mode_check CHECK (swap_mode IN ('exactIn', 'exactOut', 'partialFill')),
  ALTER COLUMN limit_amount TYPE numeric(40,0);

COMMENT ON COLUMN orders.swap_mode      IS 'What is given: the input (exactIn), the output (exactOut), or the most input (partialFill). Never null.';
COMMENT ON COLUMN orders.amount         IS 'What is given: base units of the token received (exactOut), otherwise of the one spent. Never null.';
COMMENT ON COLUMN orders.min_amount_out IS 'The user''s own floor, base units; of a partialFill for the whole amount. Null when only slippage protects.';
COMMENT ON COLUMN orders.limit_amount   IS 'Fixed by the first chosen quote: least output (partialFill: of the whole amount) or most input (exactOut), base units. Null before.';
