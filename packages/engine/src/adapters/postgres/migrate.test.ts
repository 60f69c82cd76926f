import { createHash } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Migration, MigrationRefused, migrate, readMigrations } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { openPglite } from './pglite.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

const shipped = readMigrations();
const next = (sql: string): Migration => ({
  version: shipped.length + 1,
  name: 'next.sql',
  sql,
  sha256: createHash('sha256').update(sql).digest('hex'),
});

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
