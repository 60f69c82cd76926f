/** SQL types that cross to the database, each with its array. */
const ARRAYS = {
  text: 'text[]',
  json: 'json[]',
  smallint: 'smallint[]',
  integer: 'integer[]',
  bigint: 'bigint[]',
  numeric: 'numeric[]',
  boolean: 'boolean[]',
  bytea: 'bytea[]',
  timestamptz: 'timestamptz[]',
  'double precision': 'double precision[]',
} as const;

export type SqlType = keyof typeof ARRAYS;

/** Column names with their SQL types. */
export type Columns = Readonly<Record<string, SqlType>>;

/** Columns with where in an object their values come from. */
export type SourcedColumns = Readonly<
  Record<string, { readonly type: SqlType; readonly from: string | ((whole: never) => unknown) }>
>;

/**
 * Rows of a few columns, handed over as one array for each, as an item for FROM: one statement text serves a group of any
 * size, so it is planned once. For wide rows see `RowType`.
 *
 * The condition is always true. The planner takes it to be true of one row in two hundred, so it expects one row and
 * looks up what belongs to each by its key, however small the table is at the moment: told of the ten rows that it
 * expects of an array, it reads small tables as a whole, and a plan that is kept goes on doing so when they have grown.
 */
export function recordset(alias: string, columns: Columns): string {
  const names = Object.keys(columns);
  const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${ARRAYS[type]}`);
  return `(
    SELECT * FROM unnest(${arrays.join(', ')}) AS given (${names.join(', ')})
    WHERE given.${names[0]} IS NOT DISTINCT FROM given.${names[0]}
  ) AS ${alias}`;
}

/** The rows as those parameters, from $1 on. */
export const toRecordset = (columns: Columns, rows: readonly object[]): unknown[][] =>
  Object.keys(columns).map((name) => rows.map((row) => (row as Readonly<Record<string, unknown>>)[name]));

/** Names of columns, each behind the alias if one is given. */
export const columnList = (columns: Columns | SourcedColumns, alias?: string): string =>
  Object.keys(columns)
    .map((name) => (alias ? `${alias}.${name}` : name))
    .join(', ');

/** Words of our own as a list for IN. */
export const textList = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

/**
 * Whether an order is among the ids of a CTE. `IS TRUE` keeps the planner from making a join of it: the ids are hashed
 * once, whatever their number, where a join could become a loop within a loop.
 */
export const isAmong = (orderId: string, cte: string): string =>
  `(${orderId} IN (SELECT order_id FROM ${cte})) IS TRUE`;
