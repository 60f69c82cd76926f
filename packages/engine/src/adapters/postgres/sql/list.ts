import { ORDER_STATUSES, type OrderStatus, TERMINAL_STATUSES } from '../../../domain/order-status.ts';
import type { OrderFilter } from '../../../ports/order-store.ts';
import { ORDER_SELECT_LIST } from '../rows/order-row.ts';
import { textList } from '../rows/recordset.ts';

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The statuses that `settled_as` can have. */
const SETTLED = [...TERMINAL_STATUSES, 'open'] as const satisfies readonly OrderStatus[];

/** By the operators of text_pattern_ops: only the indexes of lists have this order, so the planner has no other to choose. */
const NEWEST_FIRST = 'ORDER BY o.order_id USING ~>~';

/**
 * A page of orders. Each of its branches is a range of one index, from the newest order on, so what it reads does not grow with
 * the orders that do not fit: a caller's own id names one order; orders that need review, and those that a worker goes on with, are
 * few; of the others each status has a range, by the mints that the filter names.
 *
 * One danger is left: a planner that expects few rows of a range reads all of them and sorts. So that it expects many, whatever
 * the statistics say, it sees neither the limit nor the values (`SELECT $1`), and cannot look into the conditions (`coalesce`).
 */
export function listSql(filter: OrderFilter): Statement {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions = conditionsOf(filter, parameter);
  const { before, limit, offset = 0, statuses = ORDER_STATUSES } = filter;
  const older = before === undefined ? '' : ` AND o.order_id ~<~ (SELECT ${parameter(before)})`;
  const most = parameter(limit + offset);
  const branch = (range: string): string => `(SELECT ${ORDER_SELECT_LIST} FROM orders o
WHERE ${range}${older} AND coalesce(${conditions}, false)
${NEWEST_FIRST} LIMIT (SELECT ${most}::bigint))`;
  const text = `SELECT o.* FROM (${rangesOf(filter, statuses, parameter).map(branch).join('\nUNION ALL ')}) o
${NEWEST_FIRST} LIMIT (SELECT ${parameter(limit)}::bigint) OFFSET ${parameter(offset)}`;
  return { text, values };
}

type Parameter = (value: unknown) => string;

function conditionsOf(filter: OrderFilter, parameter: Parameter): string {
  const conditions = [`o.account_id = ${parameter(filter.accountId)}`];
  if (filter.statuses) conditions.push(`o.status IN (${textList(filter.statuses)})`);
  if (filter.mintIn !== undefined) conditions.push(`o.mint_in = ${parameter(filter.mintIn)}`);
  if (filter.mintOut !== undefined) conditions.push(`o.mint_out = ${parameter(filter.mintOut)}`);
  if (filter.needsReview) conditions.push('o.needs_review');
  return conditions.join(' AND ');
}

/** The ranges of indexes that together have every order that fits. */
function rangesOf(
  filter: OrderFilter,
  statuses: readonly OrderStatus[],
  parameter: Parameter,
): readonly string[] {
  if (filter.clientOrderId !== undefined) {
    const [account, id] = [filter.accountId, filter.clientOrderId].map(parameter);
    const named = `SELECT order_id FROM client_order_ids WHERE account_id = ${account} AND client_order_id = ${id}`;
    return [`o.order_id = (${named})`];
  }
  if (filter.needsReview) return ['o.needs_review'];
  const settled = SETTLED.filter((status) => statuses.includes(status));
  return ['o.settled_as IS NULL', ...settled.map((status) => settledRange(filter, status, parameter))];
}

/** By the expression that an index has in the migration. */
function settledRange(
  { accountId, mintIn, mintOut }: OrderFilter,
  status: OrderStatus,
  parameter: Parameter,
): string {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['o.account_id', accountId],
    ['o.settled_as', status],
    ['o.mint_in', mintIn],
    ['o.mint_out', mintOut],
  ];
  const given = named.filter(([, value]) => value !== undefined);
  const columns = given.map(([column]) => column).join(" || ' ' || ");
  const wanted = parameter(given.map(([, value]) => value).join(' '));
  return `o.settled_as IS NOT NULL AND hashtextextended(${columns}, 0) = (SELECT hashtextextended(${wanted}, 0))`;
}
