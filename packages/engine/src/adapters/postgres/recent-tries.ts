import type pg from 'pg';

const TRIES_SQL = `
SELECT e.type, e.occurred_at AS "occurredAt"
FROM account_streams s
JOIN order_events e ON e.account_id = s.account_id
  AND e.position > s.last_position - $2::bigint * ($3::bigint + 1)
  AND e.position <= s.last_position - $2::bigint * $3::bigint
WHERE e.occurred_at > $1`;

const PAGE_EVENTS = 10_000;

/**
 * When tries began after `sinceMs`, epoch milliseconds, oldest first: read backwards from the end of each account's stream,
 * until a page has nothing that is new enough.
 */
export async function recentTries(pool: pg.Pool, sinceMs: number): Promise<readonly number[]> {
  const begun: number[] = [];
  for (let page = 0; ; page += 1) {
    const { rows } = await pool.query<{ type: string; occurredAt: Date }>(TRIES_SQL, [
      new Date(sinceMs),
      PAGE_EVENTS,
      page,
    ]);
    for (const { type, occurredAt } of rows) if (type === 'order.routing') begun.push(occurredAt.getTime());
    if (rows.length === 0) return begun.sort((one, other) => one - other);
  }
}
