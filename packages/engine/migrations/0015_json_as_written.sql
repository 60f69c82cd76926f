-- What events and attempts carry is written once and read as a whole. As text it is kept as it was written, byte for byte,
-- and costs no conversion on its way in and out.
ALTER TABLE order_events ALTER COLUMN data TYPE json;
ALTER TABLE attempts ALTER COLUMN fill_accounts TYPE json;
