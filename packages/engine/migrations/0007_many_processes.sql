-- Work that one process at a time does, such as sweeping or numbering: whoever holds the row's lease.
CREATE TABLE leader_leases (
  name   text        PRIMARY KEY,
  holder text        NOT NULL,
  until  timestamptz NOT NULL
);
COMMENT ON TABLE  leader_leases        IS 'Work that one process at a time does. Two at once would be a waste, never a mistake.';
COMMENT ON COLUMN leader_leases.name   IS 'The work. Never null.';
COMMENT ON COLUMN leader_leases.holder IS 'Id of the process that does it, new at each start. Never null.';
COMMENT ON COLUMN leader_leases.until  IS 'When another process may take over, by the database''s clock. Never null.';

-- So that a process without the key can show the wallet that the others trade with.
CREATE TABLE wallets (
  address       text        PRIMARY KEY,
  last_start_at timestamptz NOT NULL
);
COMMENT ON TABLE  wallets               IS 'Wallets that processes of this database sign for. No keys are here.';
COMMENT ON COLUMN wallets.address       IS 'Base58. Never null.';
COMMENT ON COLUMN wallets.last_start_at IS 'When a process that signs for it last started. Never null.';
