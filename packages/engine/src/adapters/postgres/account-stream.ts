import type pg from 'pg';
import type { AccountId, OrderId } from '../../domain/order.ts';
import type { AccountEvent } from '../../domain/order-event.ts';
import { type EventRow, type PositionRow, toEvent } from './rows/event-row.ts';
import {
  ACCOUNT_EVENTS_SQL,
  ACCOUNT_POSITION_SQL,
  DEPARTED_POSITION_SQL,
  RESTING_CHANGES_SQL,
} from './sql/stream.ts';

/** Reads of one page by many sockets at once are one read. */
export function createAccountReader(
  pool: pg.Pool,
): (accountId: AccountId, afterPosition: number, limit: number) => Promise<readonly AccountEvent[]> {
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
  return rows.map((row) => ({ position: Number(row.position), event: toEvent(row) }));
}

export async function restingChanges(
  pool: pg.Pool,
  accountId: AccountId,
  afterPosition: number,
  limit: number,
): Promise<readonly { readonly orderId: OrderId; readonly position: number }[]> {
  const { rows } = await pool.query<PositionRow>({
    name: 'resting_changes',
    text: RESTING_CHANGES_SQL,
    values: [accountId, afterPosition, limit],
  });
  return rows.map(({ order_id, position }) => ({ orderId: order_id, position: Number(position) }));
}

export async function accountPosition(pool: pg.Pool, accountId: AccountId): Promise<number> {
  const { rows } = await pool.query<{ last_position: string }>(ACCOUNT_POSITION_SQL, [accountId]);
  return Number(rows[0]?.last_position ?? 0);
}

export async function departedPosition(pool: pg.Pool, accountId: AccountId): Promise<number> {
  const { rows } = await pool.query<{ departed_position: string }>(DEPARTED_POSITION_SQL, [accountId]);
  return Number(rows[0]?.departed_position ?? 0);
}
