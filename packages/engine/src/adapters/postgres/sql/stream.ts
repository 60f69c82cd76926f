import { RESTING_CHANGES } from '../../../domain/order-event.ts';
import { EVENT_COLUMNS, NEW_EVENT } from '../rows/event-row.ts';
import { columnList, isAmong, textList } from '../rows/recordset.ts';
import { rowsOf } from '../rows/row-type.ts';

const { data: _data, ...OTHERS } = EVENT_COLUMNS;

const dataBefore = (alias: string): string =>
  `(SELECT b.data FROM order_events b WHERE b.order_id = ${alias}.order_id AND b.sequence = ${alias}.sequence - 1)`;

/** Nearly every fill is final as it was confirmed, word for word. */
const DATA_TO_KEEP = `CASE WHEN w.type = 'order.finalized' AND w.data::text = ${dataBefore('w')}::text THEN NULL ELSE w.data END`;

/** Every column from which an event is rebuilt. */
export const eventSelectList = (alias: string): string =>
  `${columnList(OTHERS, alias)}, coalesce(${alias}.data, ${dataBefore(alias)}) AS data`;

/**
 * CTEs that append events to the log and to their accounts' streams: `written` has them, `grown` how far the streams
 * reach now. Every writer locks the rows of `account_streams` last and in one order, so that no deadlock arises.
 *
 * @param parameter The events, rows of `NEW_EVENT`.
 * @param source A CTE with the ids of the orders whose events are to be written.
 */
export const appendEventsSql = (parameter: string, source: string): string => `
written AS MATERIALIZED (
  SELECT e.*,
    count(*) OVER (PARTITION BY e.account_id) AS growth,
    row_number() OVER (PARTITION BY e.account_id ORDER BY e.order_id COLLATE "C", e.sequence) AS place
  FROM ${rowsOf(parameter, 'e', NEW_EVENT)}
  WHERE ${isAmong('e.order_id', source)}
), grown AS (
  INSERT INTO account_streams AS s (account_id, last_position)
  SELECT account_id, count(*) FROM written GROUP BY account_id ORDER BY account_id
  ON CONFLICT (account_id) DO UPDATE SET last_position = s.last_position + EXCLUDED.last_position
  RETURNING account_id, last_position
), logged AS (
  INSERT INTO order_events (${columnList(OTHERS)}, data, account_id, position)
  SELECT ${columnList(OTHERS, 'w')}, ${DATA_TO_KEEP}, w.account_id, g.last_position - w.growth + w.place
  FROM written w JOIN grown g USING (account_id)
)`;

/** The orders whose events were written, each with the position of the first. */
export const FIRST_POSITIONS_SQL = `
SELECT w.order_id, min(g.last_position - w.growth + w.place) AS position
FROM written w JOIN grown g USING (account_id) GROUP BY w.order_id`;

/** $1 account, $2 position after which events are wanted, $3 how many at most. */
export const ACCOUNT_EVENTS_SQL = `
SELECT ${eventSelectList('e')}, e.position FROM order_events e
WHERE e.account_id = $1 AND e.position > $2 ORDER BY e.position LIMIT $3`;

/** $1 account, $2 position after which changes are wanted, $3 how many at most. A range of one index, which has these types alone. */
export const RESTING_CHANGES_SQL = `
SELECT order_id, position FROM order_events
WHERE account_id = $1 AND position > $2 AND type IN (${textList(RESTING_CHANGES)}) ORDER BY position LIMIT $3`;

export const ACCOUNT_POSITION_SQL = 'SELECT last_position FROM account_streams WHERE account_id = $1';

export const DEPARTED_POSITION_SQL = 'SELECT departed_position FROM account_streams WHERE account_id = $1';
