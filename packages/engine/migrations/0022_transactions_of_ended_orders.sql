COMMENT ON TABLE lost_transactions IS
  'Our transactions on the chain that a restored database does not have as attempts: their order is lost, or was over.';
COMMENT ON COLUMN lost_transactions.order_id IS 'The order, from the memo. Never null.';
