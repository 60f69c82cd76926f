/** Column names with their SQL types. */
export type Columns = Readonly<Record<string, string>>;

/**
 * Rows handed over as one JSON parameter, as an item for FROM: one statement text serves a group of any size,
 * so it is planned once, and values are named instead of numbered.
 *
 * The condition is always true. The planner takes it to be true of one row in two hundred, so it expects one row and
 * looks up what belongs to each by its key, however small the table is at the moment: told of the hundred rows that it
 * expects of a function, it reads small tables as a whole, and a plan that is kept goes on doing so when they have grown.
 */
export function recordset(parameter: string, alias: string, columns: Columns): string {
  const definitions = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
  const [first] = Object.keys(columns).map((name) => `"${name}"`);
  return `(
    SELECT * FROM json_to_recordset(${parameter}::json) AS given (${definitions.join(', ')})
    WHERE given.${first} IS NOT DISTINCT FROM given.${first}
  ) AS ${alias}`;
}

/**
 * The rows as that parameter. Each is given in parts, whose columns differ: one object of forty columns is slow to make
 * and slower to print, because the engine turns it into a dictionary.
 */
export const toRecordset = (rows: readonly (readonly object[])[]): string =>
  `[${rows.map((parts) => `{${parts.map(printColumns).join(',')}}`).join(',')}]`;

/** A part has at least one column. */
const printColumns = (part: object): string => JSON.stringify(part).slice(1, -1);

/** Names of columns, each behind the alias if one is given. */
export const columnList = (columns: Columns, alias?: string): string =>
  Object.keys(columns)
    .map((name) => (alias ? `${alias}.${name}` : name))
    .join(', ');

/**
 * Whether an order is among the ids of a CTE. `IS TRUE` keeps the planner from making a join of it: the ids are hashed
 * once, whatever their number, where a join could become a loop within a loop.
 */
export const isAmong = (orderId: string, cte: string): string =>
  `(${orderId} IN (SELECT order_id FROM ${cte})) IS TRUE`;
