import type pg from 'pg';

const COUNT_SQL = `
SELECT count(*)::integer AS waiting FROM (
  SELECT FROM orders o
  WHERE o.due_at IS NOT NULL AND NOT o.is_held AND o.status IN ('pending', 'routing', 'building')
  LIMIT $1
) o`;

/**
 * How many orders have nothing signed yet, counted up to `most`: those that nobody has started, those that a worker has in
 * hand, and those that it put back for their next try or because the chain or the venues are away. Those that are held for
 * their stream do not count.
 */
export async function countWaitingOrders(pool: pg.Pool, most: number): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>({
    name: 'count_waiting',
    text: COUNT_SQL,
    values: [most],
  });
  return rows[0]!.waiting;
}
