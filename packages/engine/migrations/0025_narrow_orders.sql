-- What an order repeats of others, or of itself, is kept short. An order's row is written some seven times, and half of its page is
-- left free for that, so a byte of it costs several.

-- What a request means was kept as a whole, only to be compared.
ALTER TABLE orders ALTER COLUMN fingerprint TYPE text USING encode(sha256(convert_to(fingerprint, 'UTF8')), 'base64');
COMMENT ON COLUMN orders.fingerprint IS 'SHA-256 of what the request means, base64. Never null.';

-- A signature is looked for with its order. That no two attempts have one is held by eight bytes of it as well as by all.
ALTER TABLE attempts DROP CONSTRAINT attempts_signature_key;
CREATE UNIQUE INDEX attempts_signature ON attempts (hashtextextended(signature, 0));
