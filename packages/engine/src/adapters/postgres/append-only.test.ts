import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite/pglite.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

const APPEND = `INSERT INTO order_events (order_id, sequence, type, status, occurred_at, data, account_id, position)
VALUES ('a', $1::integer, 'order.pending', 'pending', now(), '{}', 'account', $1::integer)`;

function promises(open: () => Promise<{ pool: pg.Pool; close(): Promise<void> }>): void {
  let pool: pg.Pool;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ pool, close } = await open());
    await migrate(pool);
    await pool.query(APPEND, [1]);
    await pool.query(APPEND, [2]);
  });
  afterAll(() => close());

  const log = async () => (await pool.query('SELECT * FROM order_events ORDER BY sequence')).rows;

  test('takes new events', async () => {
    expect((await log()).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  test('refuses to change any column of an event, and names the table', async () => {
    const before = await log();
    const columns = Object.keys(before[0]);
    expect(columns.length).toBeGreaterThan(5);
    for (const column of columns) {
      const change = pool.query(`UPDATE order_events SET ${column} = ${column} WHERE sequence = 2`);
      await expect(change, column).rejects.toThrow('order_events is append-only: UPDATE is refused');
    }
    expect(await log()).toEqual(before);
  });

  test.each([
    ['takes a position away', 'UPDATE order_events SET position = NULL WHERE sequence = 1'],
    ['changes nothing that is there', "UPDATE order_events SET data = '[]' WHERE false"],
    ['deletes', 'DELETE FROM order_events WHERE sequence = 2'],
    ['empties the table', 'TRUNCATE order_events'],
    ['empties it along with others', 'TRUNCATE orders, order_events, attempts CASCADE'],
    [
      'overwrites on a conflict',
      `${APPEND.replaceAll('$1', '2').replace('order_events', 'order_events_rest')} ON CONFLICT (order_id, sequence) DO UPDATE SET data = '[]'`,
    ],
  ])('refuses a statement that %s', async (_, sql) => {
    const before = await log();
    await expect(pool.query(sql)).rejects.toThrow('is append-only');
    expect(await log()).toEqual(before);
  });
}

describe('the log in PGlite', () => promises(openPglite));
await describeWithPostgres('the log in PostgreSQL', () => promises(createTestDatabase));
