-- What the orders of this database are bound to, and which processes of it are alive.
CREATE TABLE binding (
  only_row           boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  revision           integer NOT NULL DEFAULT 1,
  genesis_hash       text,
  wallet             text,
  secret_fingerprint text,
  settings           jsonb
);
COMMENT ON TABLE  binding                    IS 'What every process that trades these orders must have in common: one row, from the first start on.';
COMMENT ON COLUMN binding.only_row           IS 'Always true, so that there is one row. Never null.';
COMMENT ON COLUMN binding.revision           IS 'Raised by each change; a process that joined under another one signs nothing more. Never null.';
COMMENT ON COLUMN binding.genesis_hash       IS 'Hash of the chain''s first block, base58, by which chains are told apart. Null until the next start.';
COMMENT ON COLUMN binding.wallet             IS 'The wallet that signs, base58. Null until the next start of a process that signs.';
COMMENT ON COLUMN binding.secret_fingerprint IS 'scrypt of the secret from which receipts follow, with its salt; it does not tell the secret. Null until the next start of a process that signs.';
COMMENT ON COLUMN binding.settings           IS 'The settings that decide about money, by name, as text. Null until the next start.';

INSERT INTO binding (genesis_hash, wallet)
SELECT chain.genesis_hash, last.address
FROM (SELECT max(genesis_hash) AS genesis_hash FROM traded_chain) AS chain
LEFT JOIN (SELECT address FROM wallets ORDER BY last_start_at DESC, address LIMIT 1) AS last ON true
WHERE chain.genesis_hash IS NOT NULL OR last.address IS NOT NULL;
DROP TABLE traded_chain, wallets;

CREATE TABLE processes (
  process_id  text        PRIMARY KEY,
  description text        NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  alive_until timestamptz NOT NULL
);
COMMENT ON TABLE  processes             IS 'Processes that share this database. Their settings that decide about money are equal.';
COMMENT ON COLUMN processes.process_id  IS 'New at each start. Never null.';
COMMENT ON COLUMN processes.description IS 'What it does, its process id and its host, for a person. Never null.';
COMMENT ON COLUMN processes.started_at  IS 'When it started. Never null.';
COMMENT ON COLUMN processes.alive_until IS 'It counts as alive until then, by the database''s clock, unless it says so again. Never null.';
