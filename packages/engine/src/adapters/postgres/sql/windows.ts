/** The tables that are partitioned by windows, in the order in which they are locked. */
export const PARTITIONED = ['orders', 'order_events', 'attempts'] as const;

export type Partitioned = (typeof PARTITIONED)[number];

export interface OrderWindow {
  readonly name: string;
  readonly from_id: string;
  readonly until_id: string;
}

/** As the window of a default partition is called. */
export const REST = 'rest';

export const WINDOWS_SQL = 'SELECT name, from_id, until_id FROM order_windows ORDER BY from_id';

/** One process at a time begins or removes windows. */
export const LOCK_WINDOWS_SQL = 'LOCK TABLE order_windows IN EXCLUSIVE MODE';

/** Nothing is read or written until the transaction ends. */
export const LOCK_ORDERS_SQL = `LOCK TABLE ${PARTITIONED.join(', ')} IN ACCESS EXCLUSIVE MODE`;

/** $1 the first id, $2 the first that is too late. */
export const HAS_ORDERS_SQL = `SELECT EXISTS (SELECT FROM orders_${REST} WHERE order_id >= $1 AND order_id < $2) AS found`;

/** The conditions are ranges of the partition's own indexes: see `listSql`. $1 the first id, $2 the first that is too late, $3 the moment before which its events must lie. */
export const mayLeaveSql = (name: string): string => `
SELECT NOT EXISTS (
    SELECT FROM (SELECT order_id FROM orders_${name} WHERE settled_as IS NULL ORDER BY order_id USING ~<~ LIMIT 1) unsettled
  )
  AND NOT EXISTS (
    SELECT FROM (SELECT order_id FROM orders_${name} WHERE settled_as = 'open' ORDER BY order_id USING ~<~ LIMIT 1) resting
  )
  AND NOT EXISTS (SELECT FROM receipts WHERE order_id >= $1 AND order_id < $2)
  AND NOT EXISTS (
    SELECT FROM account_streams s CROSS JOIN LATERAL (
      SELECT occurred_at FROM order_events_${name} WHERE account_id = s.account_id ORDER BY position DESC LIMIT 1
    ) newest WHERE newest.occurred_at >= $3
  ) AS may_leave`;

/** The streams are whole only after the last event that leaves. */
export const markStreamsSql = (name: string): string => `
UPDATE account_streams s SET departed_position = newest.position
FROM account_streams t CROSS JOIN LATERAL (
  SELECT position FROM order_events_${name} WHERE account_id = t.account_id ORDER BY position DESC LIMIT 1
) newest WHERE s.account_id = t.account_id AND newest.position > s.departed_position`;

/** $1 the first id, $2 the first that is too late. */
export const REMOVE_KEYS_SQL = ['idempotency_keys', 'client_order_ids'].map(
  (table) => `DELETE FROM ${table} WHERE order_id >= $1 AND order_id < $2`,
);

/** $1 order id. Whether orders of its time have left. */
export const HAS_DEPARTED_SQL =
  'SELECT EXISTS (SELECT FROM departed_windows WHERE from_id <= $1 AND until_id > $1) AS departed';

/** Columns that are written; the database makes the others of them. $1 the table. */
export const WRITTEN_COLUMNS_SQL = `
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS names FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`;

/** A window's name is the time at which it ends, hexadecimal. */
export const windowName = (untilId: string): string => untilId.replace('-', '');

/** What `LIKE` does not copy of a partition. */
const WITH: Readonly<Record<Partitioned, string>> = {
  orders: ' WITH (fillfactor = 50)',
  order_events: '',
  attempts: '',
};

/** Statements that make a partition like another one. */
export function likeSql(table: Partitioned, name: string, like: string): readonly string[] {
  const made = `CREATE TABLE ${table}_${name} (LIKE ${table}_${like} INCLUDING ALL)${WITH[table]}`;
  return table === 'order_events' ? [made, ...keptSql(`${table}_${name}`)] : [made];
}

const keptSql = (partition: string): readonly string[] => [
  `CREATE TRIGGER order_events_are_kept BEFORE DELETE OR TRUNCATE ON ${partition}
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log()`,
  `CREATE TRIGGER order_events_are_fixed BEFORE UPDATE ON ${partition}
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log()`,
];

export const attachSql = (table: Partitioned, { name, from_id, until_id }: OrderWindow): string =>
  `ALTER TABLE ${table} ATTACH PARTITION ${table}_${name} FOR VALUES FROM ('${from_id}') TO ('${until_id}')`;

/** $1 the first id, $2 the first that is too late. Two ranges of the primary key. */
export const othersSql = (name: string): string => `
SELECT order_id FROM orders_${name} WHERE order_id < $1
UNION ALL SELECT order_id FROM orders_${name} WHERE order_id >= $2`;

/** $1 ids. Moves their rows into the new default partition. */
export const moveSql = (table: Partitioned, name: string, columns: string): string => `
WITH others AS (DELETE FROM ${table}_${name} WHERE order_id = ANY($1::text[]) RETURNING ${columns})
INSERT INTO ${table}_${REST} (${columns}) SELECT ${columns} FROM others`;
