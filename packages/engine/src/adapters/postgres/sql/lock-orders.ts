/**
 * A CTE `mine`: the rows of these orders, locked, but for those that another session has locked. So a statement for many
 * orders waits for none of them, and two such statements cannot wait for each other.
 *
 * @param ids The parameter with the ids.
 */
export const lockOrdersSql = (ids: string): string => `
mine AS MATERIALIZED (
  SELECT order_id FROM orders WHERE order_id = ANY(${ids}::text[]) FOR NO KEY UPDATE SKIP LOCKED
)`;

/** The condition that another session has locked an order `o`: one of the ids that is not among `mine`, and exists. */
export const isHeldUpSql = (ids: string): string =>
  `o.order_id = ANY(ARRAY(SELECT unnest(${ids}::text[]) COLLATE "C" EXCEPT SELECT order_id FROM mine))`;
