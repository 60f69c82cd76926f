import type pg from 'pg';
import {
  attachSql,
  HAS_ORDERS_SQL,
  LOCK_ORDERS_SQL,
  likeSql,
  moveSql,
  type OrderWindow,
  othersSql,
  PARTITIONED,
  type Partitioned,
  REST,
  WRITTEN_COLUMNS_SQL,
  windowName,
} from './sql/windows.ts';

/**
 * Begins the window of ids from `from` until `until`. If orders of it are in the default partitions already, as all are when the
 * first window begins, those partitions become the window's, and new ones take their place: the rows stay where they are, and
 * the database reads them once to see that they belong there.
 *
 * @param client In a transaction that has the lock of windows.
 */
export async function beginWindow(client: pg.PoolClient, from: string, until: string): Promise<void> {
  const window: OrderWindow = { name: windowName(until), from_id: from, until_id: until };
  await client.query(LOCK_ORDERS_SQL);
  const { rows } = await client.query<{ found: boolean }>(HAS_ORDERS_SQL, [from, until]);
  const { found } = rows[0]!;
  for (const table of PARTITIONED) {
    if (found) await takeOver(client, table, window);
    else for (const sql of likeSql(table, window.name, REST)) await client.query(sql);
  }
  if (found) await moveOthers(client, window);
  for (const table of PARTITIONED) {
    await client.query(attachSql(table, window));
    if (found) await client.query(`ALTER TABLE ${table} ATTACH PARTITION ${table}_${REST} DEFAULT`);
  }
  await client.query('INSERT INTO order_windows (name, from_id, until_id) VALUES ($1, $2, $3)', [
    window.name,
    from,
    until,
  ]);
}

async function takeOver(client: pg.PoolClient, table: Partitioned, window: OrderWindow): Promise<void> {
  const { name } = window;
  await client.query(`ALTER TABLE ${table} DETACH PARTITION ${table}_${REST}`);
  await client.query(`ALTER TABLE ${table}_${REST} RENAME TO ${table}_${name}`);
  for (const sql of likeSql(table, REST, name)) await client.query(sql);
}

/** Clocks that were far off made orders whose ids are not of the window: they go into the new default partitions. */
async function moveOthers(client: pg.PoolClient, { name, from_id, until_id }: OrderWindow): Promise<void> {
  const { rows: others } = await client.query<{ order_id: string }>(othersSql(name), [from_id, until_id]);
  if (others.length === 0) return;
  for (const table of PARTITIONED) {
    const partition = `${table}_${name}`;
    const { rows } = await client.query<{ names: string }>(WRITTEN_COLUMNS_SQL, [partition]);
    // The log refuses to lose events; these go into another partition of it.
    await client.query(`ALTER TABLE ${partition} DISABLE TRIGGER USER`);
    await client.query(moveSql(table, name, rows[0]!.names), [others.map(({ order_id }) => order_id)]);
    await client.query(`ALTER TABLE ${partition} ENABLE TRIGGER USER`);
  }
}
