import { createHash } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Migration, MigrationRefused, migrate, readMigrations } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { openPglite } from './pglite/pglite.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

const shipped = readMigrations();
const next = (sql: string): Migration => ({
  version: shipped.length + 1,
  name: 'next.sql',
  sql,
  sha256: createHash('sha256').update(sql).digest('hex'),
});

const BEFORE_CLOSED_ATTEMPTS = `
INSERT INTO orders (order_id, account_id, fingerprint, type, mint_in, symbol_in, decimals_in, token_program_in, mint_out,
  symbol_out, decimals_out, token_program_out, swap_mode, amount, slippage_bps, created_at, status, sequence, try_number,
  attempt_number, slot, reorged, finalized, updated_at)
SELECT o.id, 'a', '', 'market', 'm', 's', 9, 'p', 'm', 's', 9, 'p', 'exactIn', 1, 1, now(), o.status, 5, 1, o.attempts, o.slot,
  false, o.finalized, now()
FROM (VALUES ('confirmed', 'confirmed', 2, 9, false), ('final', 'confirmed', 1, 9, true),
  ('submitted', 'submitted', 1, NULL, false), ('failed', 'failed', 1, NULL, false)) AS o (id, status, attempts, slot, finalized);
INSERT INTO attempts (order_id, attempt_number, signature, bytes, last_valid_block_height, signing_slot, fill_accounts, state,
  slot, finalized, recorded_at)
SELECT a.id, a.number, a.id || a.number, '', 1, 1, '{}', a.state, a.slot, a.finalized, now()
FROM (VALUES ('confirmed', 1, 'reverted', 5, false), ('confirmed', 2, 'landed', 9, false), ('final', 1, 'landed', 9, true),
  ('submitted', 1, 'open', NULL, false), ('failed', 1, 'expired', NULL, false)) AS a (id, number, state, slot, finalized)`;

function promises(open: () => Promise<{ pool: pg.Pool; close(): Promise<void> }>): void {
  let pool: pg.Pool;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ pool, close } = await open());
  });
  afterAll(() => close());

  test('brings an empty database to the newest schema, once', async () => {
    expect(await migrate(pool)).toEqual(shipped.map(({ name }) => name));
    expect(await migrate(pool)).toEqual([]);
  });

  test('leaves no table and no column without a comment', async () => {
    const { rows } = await pool.query(`
      SELECT c.relname AS "table", a.attname AS "column"
      FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND (obj_description(c.oid) IS NULL OR col_description(c.oid, a.attnum) IS NULL)`);
    expect(rows).toEqual([]);
  });

  test('keeps what became of attempts that were recorded before it was read from their orders', async () => {
    await pool.query('CREATE SCHEMA before; SET search_path TO before');
    const at = shipped.findIndex(({ name }) => name === '0016_closed_attempts.sql');
    await migrate(pool, { migrations: shipped.slice(0, at) });
    await pool.query(BEFORE_CLOSED_ATTEMPTS);
    await migrate(pool);
    const store = createPostgresOrderStore({ pool });
    const states = async (id: string) =>
      (await store.attempts(id)).map(({ state, slot, finalized }) => [state, slot, finalized]);
    expect(await states('confirmed')).toEqual([
      ['reverted', 5n, false],
      ['landed', 9n, false],
    ]);
    expect(await states('final')).toEqual([['landed', 9n, true]]);
    expect(await states('submitted')).toEqual([['open', null, false]]);
    expect(await states('failed')).toEqual([['expired', null, false]]);
    expect((await store.unfinalizedAttempts(10)).map(({ orderId }) => orderId)).toEqual(['confirmed']);
    await pool.query('SET search_path TO public; DROP SCHEMA before CASCADE');
  });

  test('changes nothing when a file fails', async () => {
    const broken = next('CREATE TABLE half (a integer); SELECT broken');
    await expect(migrate(pool, { migrations: [...shipped, broken] })).rejects.toThrow('broken');
    expect((await pool.query("SELECT to_regclass('half') AS found")).rows).toEqual([{ found: null }]);
    expect(await migrate(pool)).toEqual([]);
  });

  test('refuses a database that a newer engine has migrated, and one whose files have changed', async () => {
    const client = await pool.connect();
    await client.query(
      "INSERT INTO schema_migrations (version, name, sha256) VALUES (9999, '9999_later.sql', '')",
    );
    client.release();
    await expect(migrate(pool)).rejects.toThrow(MigrationRefused);
    await expect(migrate(pool)).rejects.toThrow('9999_later.sql');
    await pool.query('DELETE FROM schema_migrations WHERE version = 9999');

    const changed = shipped.map((migration) => ({ ...migration, sha256: 'other' }));
    await expect(migrate(pool, { migrations: changed })).rejects.toThrow(
      `migration ${shipped[0]!.name} was changed after it was applied`,
    );
    expect(await migrate(pool)).toEqual([]);
  });
}

describe('a migration of PGlite', () => promises(openPglite));

await describeWithPostgres('a migration of PostgreSQL', () => {
  promises(createTestDatabase);

  test('runs once when many processes start together', async () => {
    const database = await createTestDatabase();
    const pools = Array.from({ length: 4 }, () => openPostgres(database.url));
    const applied = await Promise.all(pools.map((pool) => migrate(pool)));
    expect(applied.flat()).toEqual(shipped.map(({ name }) => name));
    await Promise.all(pools.map((pool) => pool.end()));
    await database.close();
  });
});
