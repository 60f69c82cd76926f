import { EVERY } from './read.ts';

const PARTS = 3;
const PART_SECONDS = 600;

/** The part of `transactions` into which attempts are recorded now. */
export const CURRENT_PART = `(floor(extract(epoch FROM now()) / ${PART_SECONDS})::bigint % ${PARTS})::smallint`;

/** The part whose turn is next: what is in it was recorded ten minutes ago or earlier. */
export const OLDEST_PART_SQL = `SELECT (${CURRENT_PART} + 1) % ${PARTS} AS part`;

export const hasTransactionsSql = (part: number): string =>
  `SELECT EXISTS (SELECT FROM transactions_${part}) AS found`;

/**
 * Writes what orders that may still change have in this part alone into the current one. Returns a row for each. The unsettled orders are
 * a range of one index, see `listSql`.
 */
export const carryOnSql = (part: number): string => `
INSERT INTO transactions (part, order_id, attempt_number, bytes, fill_accounts)
SELECT ${CURRENT_PART}, t.order_id, t.attempt_number, t.bytes, t.fill_accounts
FROM (
  SELECT order_id FROM orders WHERE settled_as IS NULL ORDER BY order_id USING ~<~ LIMIT (SELECT ${EVERY})
) o CROSS JOIN LATERAL (SELECT * FROM transactions_${part} WHERE order_id = o.order_id OFFSET 0) t
WHERE NOT EXISTS (
  SELECT FROM transactions c
  WHERE c.order_id = t.order_id AND c.attempt_number = t.attempt_number AND c.part <> ${part}
)
RETURNING order_id`;

export const lockPartSql = (part: number): string =>
  `LOCK TABLE transactions_${part} IN ACCESS EXCLUSIVE MODE`;

export const emptyPartSql = (part: number): string => `TRUNCATE transactions_${part}`;
