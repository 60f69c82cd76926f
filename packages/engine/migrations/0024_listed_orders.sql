-- A page of orders is read from the newest on by a range of one index for each status, however many orders there are and however
-- few of them fit. What an index has must not change while an order is under way, or each update would write all indexes: so a status is
-- in indexes only once it can change no more, in a column of its own. Orders before that are few, and have one index.
ALTER TABLE orders ADD COLUMN settled_as text COLLATE "C"
  GENERATED ALWAYS AS (CASE WHEN due_at IS NULL AND NOT awaits_finality THEN status END) STORED;
COMMENT ON COLUMN orders.settled_as IS 'Its status once that can change no more: terminal, and final if confirmed. Null before.';

DROP INDEX orders_list, orders_needs_review, orders_unfinalized;

-- By text_pattern_ops: a statement that orders by its operators cannot be given another index, such as the primary key's, of
-- which it might read every row. In collation C they compare as the usual ones do.
CREATE INDEX orders_unsettled ON orders (order_id text_pattern_ops) WHERE settled_as IS NULL;
CREATE INDEX orders_needs_review ON orders (order_id text_pattern_ops) WHERE needs_review;
CREATE INDEX orders_unfinalized ON orders (order_id text_pattern_ops) WHERE awaits_finality;

-- What a filter names is one number: eight bytes instead of up to a hundred. A statement compares the columns, too.
CREATE INDEX orders_settled ON orders
  (hashtextextended(account_id || ' ' || settled_as, 0), order_id text_pattern_ops) WHERE settled_as IS NOT NULL;
CREATE INDEX orders_settled_in ON orders
  (hashtextextended(account_id || ' ' || settled_as || ' ' || mint_in, 0), order_id text_pattern_ops) WHERE settled_as IS NOT NULL;
CREATE INDEX orders_settled_out ON orders
  (hashtextextended(account_id || ' ' || settled_as || ' ' || mint_out, 0), order_id text_pattern_ops) WHERE settled_as IS NOT NULL;
CREATE INDEX orders_settled_pair ON orders
  (hashtextextended(account_id || ' ' || settled_as || ' ' || mint_in || ' ' || mint_out, 0), order_id text_pattern_ops)
  WHERE settled_as IS NOT NULL;
