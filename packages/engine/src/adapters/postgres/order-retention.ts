import type pg from 'pg';
import { type EpochMs, toEpochMs } from '../../domain/timestamp.ts';
import {
  type DepartedOrders,
  firstIdAt,
  type OrderRetention,
  retainedFrom,
  windowEnd,
  windowMs,
} from '../../ports/order-retention.ts';
import { beginWindow } from './begin-window.ts';
import { forgetTransactions } from './forget-transactions.ts';
import { inTransaction } from './in-transaction.ts';
import {
  LOCK_ORDERS_SQL,
  LOCK_WINDOWS_SQL,
  markStreamsSql,
  mayLeaveSql,
  type OrderWindow,
  PARTITIONED,
  REMOVE_KEYS_SQL,
  WINDOWS_SQL,
} from './sql/windows.ts';
import { withStoreErrors } from './store-errors.ts';

export interface RetentionOptions {
  readonly pool: pg.Pool;
  /** No autovacuum runs: the space of removed keys is made usable again here. */
  readonly embedded: boolean;
}

/**
 * While a lock is waited for, every other statement waits behind it: so not for long. It is also shorter than the time after
 * which the server looks for deadlocks, and of two that wait for each other this one gives up.
 */
const LOCK_TIMEOUT = "SET LOCAL lock_timeout = '500ms'; SET LOCAL statement_timeout = 0";

const NOW_SQL = 'SELECT extract(epoch FROM now()) * 1000 AS now';

/** Old orders leave with the partitions of their window. */
export function createPostgresOrderRetention({ pool, embedded }: RetentionOptions): OrderRetention {
  return withStoreErrors<OrderRetention>({
    async removeOld(days, now) {
      const { rows } = await pool.query<{ now: string }>(NOW_SQL);
      // Of two clocks the one that keeps more.
      const ours = toEpochMs(Math.min(now, Number(rows[0]!.now)));
      await beginNextWindow(pool, days, ours);
      const departed: DepartedOrders[] = [];
      const beforeMs = retainedFrom(days, ours);
      const ended = (await windowsOf(pool)).filter(({ until_id }) => until_id <= firstIdAt(beforeMs));
      for (const window of ended) {
        const orders = await removeWindow(pool, window, new Date(beforeMs));
        if (orders > 0) departed.push({ orders });
      }
      if (embedded && departed.length > 0) await pool.query('VACUUM idempotency_keys, client_order_ids');
      return departed;
    },
    forgetTransactions: () => forgetTransactions(pool),
  });
}

async function windowsOf(client: Pick<pg.Pool, 'query'>): Promise<readonly OrderWindow[]> {
  return (await client.query<OrderWindow>(WINDOWS_SQL)).rows;
}

async function beginNextWindow(pool: pg.Pool, days: number, now: EpochMs): Promise<void> {
  const soon = firstIdAt(now + windowMs(days) / 2);
  const isBegun = async (client: Pick<pg.Pool, 'query'>) => {
    const last = (await windowsOf(client)).at(-1);
    return { from: last?.until_id ?? '', isAhead: last !== undefined && last.until_id > soon };
  };
  if ((await isBegun(pool)).isAhead) return;
  await inTransaction(pool, async (client) => {
    await client.query(LOCK_WINDOWS_SQL);
    await client.query(LOCK_TIMEOUT);
    const { from, isAhead } = await isBegun(client); // Another process may have begun it.
    if (!isAhead) await beginWindow(client, from, firstIdAt(windowEnd(days, now)));
  });
}

/** @returns How many orders left with it: 0 if it may not leave yet, or is empty. */
async function removeWindow(pool: pg.Pool, window: OrderWindow, before: Date): Promise<number> {
  const { name, from_id, until_id } = window;
  const range = [from_id, until_id];
  const mayLeave = async (client: pg.PoolClient): Promise<boolean> => {
    const { rows } = await client.query<{ may_leave: boolean }>(mayLeaveSql(name), [...range, before]);
    return rows[0]!.may_leave;
  };
  return inTransaction(pool, async (client) => {
    await client.query(LOCK_WINDOWS_SQL);
    await client.query(LOCK_TIMEOUT);
    if (!(await windowsOf(client)).some((one) => one.name === name)) return 0; // Another process removed it.
    if (!(await mayLeave(client))) return 0;
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM orders_${name}`);
    const orders = Number(rows[0]!.count);
    for (const sql of REMOVE_KEYS_SQL) await client.query(sql, range);
    await client.query(LOCK_ORDERS_SQL);
    if (!(await mayLeave(client))) throw new Error(`window ${name} has changed while it was being removed`);
    await client.query(markStreamsSql(name));
    await client.query('INSERT INTO departed_windows (from_id, until_id, orders) VALUES ($1, $2, $3)', [
      ...range,
      orders,
    ]);
    await client.query('DELETE FROM order_windows WHERE name = $1', [name]);
    await client.query(`DROP TABLE ${PARTITIONED.map((table) => `${table}_${name}`).join(', ')}`);
    return orders;
  });
}
