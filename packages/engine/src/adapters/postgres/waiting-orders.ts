import type pg from 'pg';

const COUNT_SQL = `
SELECT count(*)::integer AS waiting FROM (
  SELECT FROM orders
  WHERE due_at <= now() AND status = 'pending' AND (held_until IS NULL OR held_until <= now())
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
