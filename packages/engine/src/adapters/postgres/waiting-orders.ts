import type pg from 'pg';
import { IS_DUE } from './sql/due.ts';

const COUNT_SQL = `
SELECT count(*)::integer AS waiting FROM (
  SELECT FROM orders o
  WHERE o.status = 'pending' AND NOT o.is_held AND ${IS_DUE}
  LIMIT $1
) o`;

/** How many orders nobody has started yet, counted up to `most`; those that are held for their stream do not wait. */
export async function countWaitingOrders(pool: pg.Pool, most: number): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>({
    name: 'count_waiting',
    text: COUNT_SQL,
    values: [most],
  });
  return rows[0]!.waiting;
}
