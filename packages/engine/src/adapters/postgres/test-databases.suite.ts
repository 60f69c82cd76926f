import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, test } from 'vitest';
import { openPostgres } from './open-postgres.ts';

export interface TestDatabase {
  readonly pool: pg.Pool;
  readonly url: string;
  /** Closes the pool and drops the database. */
  close(): Promise<void>;
}

/** Of a database that is always there. */
export const TEST_SERVER_URL = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** An empty database of its own on the test server. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `oee_test_${randomUUID().replaceAll('-', '')}`;
  const admin = openPostgres(TEST_SERVER_URL, { poolSize: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(TEST_SERVER_URL);
  url.pathname = `/${name}`;
  const pool = openPostgres(url.href);
  return {
    pool,
    url: url.href,
    async close() {
      await pool.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/**
 * A `describe` for what needs a PostgreSQL server. Where none answers, the suite is left out and a warning says so;
 * with CI=true it fails, since there nothing may be left out in silence.
 */
export async function describeWithPostgres(title: string, body: () => void): Promise<void> {
  const problem = await connectionProblem();
  if (problem === null) describe(title, body);
  else if (process.env.CI === 'true')
    test(`${title}: finds a PostgreSQL server, which CI must have`, () => {
      throw new Error(
        `no PostgreSQL server at ${withoutPassword(TEST_SERVER_URL)}: ${problem}. Set TEST_DATABASE_URL.`,
      );
    });
  else {
    console.warn(
      `LEFT OUT: "${title}" needs a PostgreSQL server at ${withoutPassword(TEST_SERVER_URL)}: ${problem}. Set TEST_DATABASE_URL to use another.`,
    );
    test.skip(`${title} (needs a PostgreSQL server)`, () => {});
  }
}

async function connectionProblem(): Promise<string | null> {
  const client = new pg.Client({ connectionString: TEST_SERVER_URL, connectionTimeoutMillis: 3_000 });
  try {
    await client.connect();
    await client.end();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error);
  }
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}
