-- The chain that the orders of this database are on.
CREATE TABLE traded_chain (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  genesis_hash text    NOT NULL
);
COMMENT ON TABLE  traded_chain              IS 'The chain that the orders of this database are on: one row, from the first start on.';
COMMENT ON COLUMN traded_chain.only_row     IS 'Always true, so that there is one row. Never null.';
COMMENT ON COLUMN traded_chain.genesis_hash IS 'Hash of the chain''s first block, base58, by which chains are told apart. Never null.';
