-- The receipt guard: which guard an order asked for, and the receipts that may stand on the chain.

ALTER TABLE orders ADD COLUMN execution_guard text NOT NULL DEFAULT 'protocol',
  ADD CHECK (execution_guard IN ('protocol', 'strict'));
COMMENT ON COLUMN orders.execution_guard IS 'protocol, or strict: every transaction of the order creates the same receipt. Never null.';

ALTER TABLE attempts DROP CONSTRAINT attempts_state_check,
  ADD CONSTRAINT attempts_state_check CHECK (state IN ('open', 'landed', 'reverted', 'expired', 'blocked'));
COMMENT ON COLUMN attempts.state IS 'open, landed, reverted, expired or blocked. Never null.';

-- One row per order while its receipt may stand on the chain; it is removed once the rent is back. Written by the
-- statement that records the attempt, so without a foreign key, like attempts.
CREATE TABLE receipts (
  order_id                        text COLLATE "C" PRIMARY KEY,
  wallet                          text          NOT NULL,
  address                         text          NOT NULL,
  seed                            text          NOT NULL,
  lamports                        numeric(20,0) NOT NULL,
  attempt_number                  integer       NOT NULL,
  last_valid_block_height         bigint        NOT NULL,
  blocker_signature               text,
  blocker_bytes                   bytea,
  blocker_last_valid_block_height bigint,
  leased_until                    timestamptz
);
CREATE INDEX receipts_by_height ON receipts (last_valid_block_height);

COMMENT ON TABLE  receipts                                 IS 'Accounts on the chain that let one transaction of an order land, until their rent is back.';
COMMENT ON COLUMN receipts.order_id                        IS 'The order. Never null.';
COMMENT ON COLUMN receipts.wallet                          IS 'Wallet that pays the rent and gets it back, base58. Never null.';
COMMENT ON COLUMN receipts.address                         IS 'Address of the account, base58. Never null.';
COMMENT ON COLUMN receipts.seed                            IS 'Seed from which its address follows, with the wallet; secret until an attempt is sent. Never null.';
COMMENT ON COLUMN receipts.lamports                        IS 'Its rent, lamports. Never null.';
COMMENT ON COLUMN receipts.attempt_number                  IS 'The newest attempt that creates it. Never null.';
COMMENT ON COLUMN receipts.last_valid_block_height         IS 'Block height after which no attempt can create it. Never null.';
COMMENT ON COLUMN receipts.blocker_signature               IS 'Transaction that creates it without a swap, for a cancel. Null without one.';
COMMENT ON COLUMN receipts.blocker_bytes                   IS 'That transaction as it is sent. Null without one.';
COMMENT ON COLUMN receipts.blocker_last_valid_block_height IS 'Block height after which that transaction can never execute. Null without one.';
COMMENT ON COLUMN receipts.leased_until                    IS 'Until when one process closes it, by the database''s clock. Null before the first time.';
