import { EVENT_COLUMNS } from '../event-row.ts';
import { columnList } from '../recordset.ts';

/** Any number, the same in every process of this engine. */
const NUMBERING_LOCK = 4_733_201_918;

/**
 * Two statements in one transaction and one round trip: the second sees everything that was committed before the lock
 * was had. An order's events are placed in the order of their sequence whatever their clocks say.
 */
export const numberSql = (limit: number): string => `
SELECT pg_advisory_xact_lock(${NUMBERING_LOCK});
WITH unnumbered AS MATERIALIZED (
  SELECT order_id, sequence, occurred_at FROM order_events
  WHERE position IS NULL ORDER BY order_id, sequence LIMIT ${limit}
), dated AS MATERIALIZED (
  SELECT u.order_id, u.sequence, o.account_id,
    max(u.occurred_at) OVER (PARTITION BY u.order_id ORDER BY u.sequence) AS dated_at
  FROM unnumbered u JOIN orders o USING (order_id)
), placed AS MATERIALIZED (
  SELECT order_id, sequence, account_id,
    row_number() OVER (PARTITION BY account_id ORDER BY dated_at, order_id, sequence) AS place
  FROM dated
), counted AS MATERIALIZED (
  SELECT account_id, count(*) AS events FROM placed GROUP BY account_id
), grown AS (
  INSERT INTO account_streams AS s (account_id, last_position) SELECT account_id, events FROM counted
  ON CONFLICT (account_id) DO UPDATE SET last_position = s.last_position + EXCLUDED.last_position
  RETURNING account_id, last_position
), numbered AS (
  UPDATE order_events e
  SET position = g.last_position - c.events + p.place, account_id = p.account_id
  FROM placed p JOIN counted c USING (account_id) JOIN grown g USING (account_id)
  WHERE e.order_id = p.order_id AND e.sequence = p.sequence
)
SELECT account_id, last_position::text, events::integer FROM grown JOIN counted USING (account_id)`;

/** $1 account, $2 position after which events are wanted, $3 how many at most. */
export const ACCOUNT_EVENTS_SQL = `
SELECT ${columnList(EVENT_COLUMNS, 'e')}, e.position::text FROM order_events e
WHERE e.account_id = $1 AND e.position > $2 ORDER BY e.position LIMIT $3`;

export const ACCOUNT_POSITION_SQL = 'SELECT last_position::text FROM account_streams WHERE account_id = $1';
