import type pg from 'pg';

const COUNT_SQL = `
SELECT count(*)::integer AS waiting FROM (
  SELECT FROM orders o
  WHERE o.due_at IS NOT NULL AND NOT o.is_held AND o.status IN ('pending', 'routing', 'building')
  LIMIT $1
) o`;

/**
 * The backlog: how many orders have no signed transaction yet, counted up to `most`. They wait for a worker, a worker has
 * them, or they wait for their next try or for an unavailable chain or venue. Orders that are held for their stream do
 * not count.
 */
export async function countWaitingOrders(pool: pg.Pool, most: number): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>({
    name: 'count_waiting',
    text: COUNT_SQL,
    values: [most],
  });
  return rows[0]!.waiting;
}
