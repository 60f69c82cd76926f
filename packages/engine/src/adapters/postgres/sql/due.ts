import { FARTHEST_MS, WAITING_REST_MS } from '../../../ports/order-store.ts';

const FAR = `now() + interval '${FARTHEST_MS} milliseconds'`;

/** Whether an order `o` may be taken up now, as far as its due time says. What lies far off was written by a clock that was ahead. */
export const IS_DUE = `(o.due_at <= now() OR o.due_at > ${FAR} AND (NOT o.is_held OR o.held_until <= now()))`;

/** Whether no live lease is on an order `o`. */
export const IS_FREE = `(o.lease_until IS NULL OR o.lease_until <= now() OR o.lease_until > ${FAR})`;

/** $1 how many, $2 orders whose lease is no obstacle. */
const branch = (condition: string): string => `
(SELECT o.order_id FROM orders o
WHERE ${condition} AND (${IS_FREE} OR o.order_id = ANY($2::text[]))
ORDER BY o.due_at, o.order_id LIMIT $1)`;

/**
 * $1 how many, $2 orders whose lease is no obstacle. Each branch is a range of one index (`orders_due`, `orders_held_until`,
 * `orders_held`), so that resting orders are not read, however many they are. Orders whose due time a clock that was ahead
 * has written come first: they have waited longest. A waiting order belongs to the process that released it; after the
 * pause that is granted to that process, it is due for every process.
 */
export const DUE_ORDERS_SQL = `
SELECT order_id FROM (${[
  `NOT o.is_held AND o.due_at > ${FAR}`,
  `o.is_held AND o.held_until <= now() AND o.due_at > ${FAR}`,
  `NOT o.is_held AND o.due_at <= now()
  AND (o.waiting_for IS NULL OR o.due_at <= now() - interval '${WAITING_REST_MS} milliseconds')`,
  'o.is_held AND o.due_at <= now()',
]
  .map(branch)
  .join('\nUNION ALL')}
) due LIMIT $1`;
