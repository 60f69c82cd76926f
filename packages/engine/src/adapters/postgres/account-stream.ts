import type pg from 'pg';
import type { AccountEvent } from '../../domain/order-event.ts';
import type { StreamGrowth } from '../../ports/order-store.ts';
import { type EventRow, toEvent } from './event-row.ts';
import { ACCOUNT_EVENTS_SQL, ACCOUNT_POSITION_SQL, numberSql } from './sql/stream.ts';

interface GrowthRow {
  readonly account_id: string;
  readonly last_position: string;
  readonly events: number;
}

export async function numberEvents(pool: pg.Pool, limit: number): Promise<readonly StreamGrowth[]> {
  // Several statements in one text are answered one by one, which the types of `pg` do not know.
  const results = (await pool.query(numberSql(limit))) as unknown as pg.QueryResult<GrowthRow>[];
  const rows = results.at(-1)?.rows ?? [];
  return rows.map((row) => ({
    accountId: row.account_id,
    position: Number(row.last_position),
    events: row.events,
  }));
}

/** Reads of one page by many sockets at once, as after each growth of the stream, are one read. */
export function createAccountReader(
  pool: pg.Pool,
): (accountId: string, afterPosition: number, limit: number) => Promise<readonly AccountEvent[]> {
  const underWay = new Map<string, Promise<readonly AccountEvent[]>>();
  return (accountId, afterPosition, limit) => {
    const key = JSON.stringify([accountId, afterPosition, limit]);
    const known = underWay.get(key);
    if (known) return known;
    const page = readPage(pool, [accountId, afterPosition, limit]).finally(() => underWay.delete(key));
    underWay.set(key, page);
    return page;
  };
}

async function readPage(pool: pg.Pool, values: readonly unknown[]): Promise<readonly AccountEvent[]> {
  const { rows } = await pool.query<EventRow & { readonly position: string }>({
    name: 'account_events',
    text: ACCOUNT_EVENTS_SQL,
    values: [...values],
  });
  return rows.map((row) => ({ ...toEvent(row), position: Number(row.position) }));
}

export async function accountPosition(pool: pg.Pool, accountId: string): Promise<number> {
  const { rows } = await pool.query<{ last_position: string }>(ACCOUNT_POSITION_SQL, [accountId]);
  return Number(rows[0]?.last_position ?? 0);
}
