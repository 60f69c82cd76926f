import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { MoveRefused, moveDatabase } from './move-database.ts';
import { type EmbeddedDatabase, openPglite } from './pglite/pglite.ts';
import { createTestDatabase, describeWithPostgres, type TestDatabase } from './test-databases.suite.ts';

const ROWS = 1_203; // More than two batches.

/** Values that a careless copy changes. */
const FILL = `
INSERT INTO orders (order_id, account_id, client_order_id, fingerprint, mint_in, mint_out, request, status, sequence, attempt_number, state, due_at)
SELECT 'order-' || n, 'a', 'client-' || n, E'quote '' backslash \\\\ tab \\t ünïcode 💱', 'm', 'm', '{"amount":"18446744073709551615",  "b": 1.10}',
  'submitted', 2, 1, '{}', timestamptz '2026-11-21 12:00:00.123456+00' + n * interval '1 microsecond'
FROM generate_series(1, ${ROWS}) AS n;
INSERT INTO order_events (order_id, account_id, sequence, type, status, occurred_at, data, position)
SELECT order_id, account_id, 1, 'order.pending', 'pending', due_at, '{"b": 1.10, "a": [null, "\\u0001"]}', 9007199254740992 + substr(order_id, 7)::bigint
FROM orders;
INSERT INTO attempts (order_id, attempt_number, signature, last_valid_block_height, signing_slot, recorded_at)
SELECT order_id, 1, order_id, 9223372036854775807, 1, now() FROM orders;
INSERT INTO transactions SELECT 1, order_id, 1, '\\x00ff5c27', '{}' FROM orders;
-- As orders of older versions have it.
UPDATE orders SET idempotency_key = 'key' WHERE order_id = 'order-5';
INSERT INTO idempotency_keys VALUES ('a', 'key', 'order-5')`;

const rowsOf = async (pool: pg.Pool, table: string): Promise<string[]> =>
  (await pool.query(`SELECT t::text AS row FROM ${table} t ORDER BY 1`)).rows.map(({ row }) => row);

await describeWithPostgres('a move from PGlite to PostgreSQL', () => {
  const directory = mkdtempSync(join(tmpdir(), 'move-'));
  let source: EmbeddedDatabase;
  let target: TestDatabase;
  beforeAll(async () => {
    source = await openPglite(join(directory, 'database'));
    await migrate(source.pool);
    await source.pool.query(FILL);
    target = await createTestDatabase();
    await migrate(target.pool);
  });
  afterAll(async () => {
    await source.close();
    await target.close();
    rmSync(directory, { recursive: true });
  });

  test('leaves the target empty when it is cut off before its end', async () => {
    const cutOff = moveDatabase(source.pool, target.pool, () => Promise.reject(new Error('cut off')));
    await expect(cutOff).rejects.toThrow('cut off');
    expect(await rowsOf(target.pool, 'orders')).toEqual([]);
  });

  test('is refused when the received rows differ from the sent rows', async () => {
    await target.pool.query(`
      CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.sequence := NEW.sequence + 1; RETURN NEW; END $$;
      CREATE TRIGGER spoil BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.order_id = 'order-7')
        EXECUTE FUNCTION spoil()`);
    await expect(moveDatabase(source.pool, target.pool)).rejects.toThrow(/orders differs/);
    expect(await rowsOf(target.pool, 'orders')).toEqual([]);
    await target.pool.query('DROP TRIGGER spoil ON orders');
  });

  test('copies every row exactly, and is refused a second time', async () => {
    const moved = await moveDatabase(source.pool, target.pool);
    expect(moved.find(({ table }) => table === 'attempts')).toEqual({ table: 'attempts', rows: ROWS });
    for (const table of [
      'orders',
      'order_events',
      'attempts',
      'transactions',
      'client_order_ids',
      'idempotency_keys',
    ])
      expect(await rowsOf(target.pool, table)).toEqual(await rowsOf(source.pool, table));
    await expect(moveDatabase(source.pool, target.pool)).rejects.toThrow(MoveRefused);
    expect(await rowsOf(target.pool, 'orders')).toHaveLength(ROWS);
  });
});
