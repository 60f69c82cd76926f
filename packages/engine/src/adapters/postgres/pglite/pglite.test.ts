import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryLocked } from '@oee/directory-lock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DatabaseRefused, installedPgliteVersion, openPglite, templatePath } from './pglite.ts';
import { unpackTemplate } from './unpack-template.ts';

let directory: string;

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'pglite-')), 'database');
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

describe('PGlite', () => {
  test('has a template made by the installed version', () => {
    expect(templatePath()).toContain(`-${installedPgliteVersion()}.tar.gz`);
    expect(existsSync(templatePath()), 'run scripts/make-pglite-template.mjs').toBe(true);
  });

  test('keeps its rows from one opening to the next, and may be closed twice', async () => {
    const first = await openPglite(directory);
    await first.pool.query('CREATE TABLE t (a integer)');
    await first.pool.query('INSERT INTO t VALUES (7)');
    await first.close();
    await first.close();
    const second = await openPglite(directory);
    expect((await second.pool.query('SELECT a FROM t')).rows).toEqual([{ a: 7 }]);
    await second.close();
  });

  test('has one opener at a time', async () => {
    const first = await openPglite(directory);
    await expect(openPglite(directory)).rejects.toThrow(DirectoryLocked);
    await expect(openPglite(directory)).rejects.toThrow(`${directory} is in use by process ${process.pid}`);
    await first.close();
    await (await openPglite(directory)).close();
  });

  test('starts anew where the first start was cut off, and keeps the files that it found', async () => {
    unpackTemplate(templatePath(), join(directory, 'pgdata.building'));
    rmSync(join(directory, 'pgdata.building', 'global'), { recursive: true });
    const second = await openPglite(directory);
    expect((await second.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await second.close();
    expect(readdirSync(directory).filter((name) => name.startsWith('pgdata.incomplete-'))).toHaveLength(1);
  });

  test('refuses a data directory without its mark, and leaves it as it is', async () => {
    await (await openPglite(directory)).close();
    rmSync(join(directory, 'pgdata', 'oee-complete'));
    await expect(openPglite(directory)).rejects.toThrow(DatabaseRefused);
    await expect(openPglite(directory)).rejects.toThrow('oee-complete');
    expect(readdirSync(directory)).toEqual(['pgdata']);
    expect(existsSync(join(directory, 'pgdata', 'global', 'pg_control'))).toBe(true);
  });

  test('releases the lock when it cannot open, and reports the reason in one line', async () => {
    const first = await openPglite(directory);
    await first.close();
    writeFileSync(join(directory, 'pgdata', 'PG_VERSION'), '9\n');
    const error = await openPglite(directory).catch((refusal: Error) => refusal);
    expect(error).toBeInstanceOf(DatabaseRefused);
    expect((error as Error).message).toMatch(/^the database in .*pgdata cannot be opened \(.+\): put back/);
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });

  test('gives a new connection a fresh session', async () => {
    const { pool, close } = await openPglite();
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query("SET application_name = 'left behind'");
    await client.query('CREATE TABLE t (a integer)');
    client.release(true);
    await expect(pool.query('SELECT a FROM t')).rejects.toThrow('does not exist');
    expect((await pool.query('SHOW application_name')).rows).toEqual([{ application_name: '' }]);
    await close();
  });

  test('passes on requests and answers of any size', async () => {
    const { pool, close } = await openPglite();
    const text = 'x'.repeat(5_000_000);
    const { rows } = await pool.query('SELECT $1::text AS text, repeat($2, 3000000) AS long', [text, 'y']);
    expect([rows[0].text === text, rows[0].long.length]).toEqual([true, 3_000_000]);
    await close();
  });

  test('answers each query with its own rows after a prepared statement has failed', async () => {
    const { pool, close } = await openPglite();
    await pool.query('CREATE TABLE t (a integer PRIMARY KEY)');
    const insert = async (value: number): Promise<unknown> => {
      const text = 'INSERT INTO t VALUES ($1) RETURNING a';
      const result = await pool
        .query({ name: 'insert', text, values: [value] })
        .catch((error: { code: string }) => ({ rows: error.code }));
      return result.rows;
    };
    const answers = await Promise.all([1, 1, 2, 2, 3, 4].map(insert));
    expect(answers).toEqual([[{ a: 1 }], '23505', [{ a: 2 }], '23505', [{ a: 3 }], [{ a: 4 }]]);
    await close();
  });
});
