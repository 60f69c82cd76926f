import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describeWith } from '../../../../../test/support/requires.ts';
import { orderStoreSuite, type StoreUnderTest } from '../../ports/order-store.suite.ts';
import { migrate } from './migrate.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { openPglite } from './pglite.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

orderStoreSuite('PGlite', async () => {
  const { pool, close } = await openPglite();
  await migrate(pool);
  return { store: createPostgresOrderStore({ pool }), wait, close };
});

describeWith({ needs: 'postgres' })('with a server', () => {
  orderStoreSuite('PostgreSQL', openTestDatabase);
});

/** A database of its own, dropped afterwards. */
async function openTestDatabase(): Promise<StoreUnderTest> {
  const server = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  const name = `oee_test_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Pool({ connectionString: server, max: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 8 });
  await migrate(pool);
  return {
    store: createPostgresOrderStore({ pool }),
    wait,
    async close() {
      await pool.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
