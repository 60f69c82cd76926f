import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PgbouncerServer, startPgbouncerServer } from '../../../../../test/support/pgbouncer-server.ts';
import { describeWith } from '../../../../../test/support/requires.ts';
import { accountStreamSuite } from '../../ports/account-stream.suite.ts';
import { leaderLeaseSuite } from '../../ports/leader-lease.suite.ts';
import { orderStoreSuite } from '../../ports/order-store.suite.ts';
import { receiptStoreSuite } from '../../ports/receipt-store.suite.ts';
import { recoveryLogSuite } from '../../ports/recovery-log.suite.ts';
import { createPostgresLeaderLease } from './leader-lease.ts';
import { migrate } from './migrate.ts';
import { openPostgres, requireDirect, UnannouncedPooler } from './open-postgres.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { createPostgresRecoveryLog } from './recovery-log.ts';
import { createTestDatabase, describeWithPostgres, TEST_SERVER_URL } from './test-databases.suite.ts';

// Sessions of the server change hands after each transaction, and there are two of them.
await describeWithPostgres('behind a transaction pooler', () => {
  describeWith({ needs: 'pgbouncer' })('PgBouncer', (programPath) => {
    let pooler: PgbouncerServer;
    beforeAll(async () => {
      pooler = await startPgbouncerServer(programPath, TEST_SERVER_URL);
    });
    afterAll(() => pooler?.close());

    /** A database with its schema, reached through the pooler only. */
    async function openDatabase() {
      const database = await createTestDatabase();
      const pool = openPostgres(pooler.addressOf(database.url));
      await migrate(pool);
      return {
        pool,
        url: database.url,
        async close() {
          await pool.end();
          await database.close();
        },
      };
    }
    const openStore = async () => {
      const { pool, close } = await openDatabase();
      return { store: createPostgresOrderStore({ pool }), wait: (ms: number) => wait(ms), close };
    };

    orderStoreSuite('PostgreSQL behind PgBouncer', openStore);
    receiptStoreSuite('PostgreSQL behind PgBouncer', openStore);
    accountStreamSuite('PostgreSQL behind PgBouncer', openStore);
    leaderLeaseSuite('PostgreSQL behind PgBouncer', async () => {
      const { pool, close } = await openDatabase();
      return { open: (name) => createPostgresLeaderLease(pool, name), close };
    });
    recoveryLogSuite('PostgreSQL behind PgBouncer', async () => {
      const { pool, close } = await openDatabase();
      return { log: createPostgresRecoveryLog(pool), close };
    });

    test('the server ends a statement that takes too long, and no other client inherits that limit', async () => {
      const database = await createTestDatabase();
      const hasty = openPostgres(pooler.addressOf(database.url), { statementTimeoutMs: 50 });
      const patient = openPostgres(pooler.addressOf(database.url), { statementTimeoutMs: 0 });
      await expect(hasty.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
      const limits = await Promise.all(
        Array.from({ length: 8 }, () => patient.query("SELECT current_setting('statement_timeout') AS ms")),
      );
      expect(limits.map(({ rows }) => rows[0].ms)).toEqual(limits.map(() => '0'));
      await Promise.all([hasty.end(), patient.end()]);
      await database.close();
    });

    test('a query that fails writes nothing, and its connection is not reused', async () => {
      const { pool, close } = await openDatabase();
      await pool.query('CREATE TABLE written (name text PRIMARY KEY)');
      const rows = 'WITH i AS (INSERT INTO written VALUES ($1) RETURNING 1) SELECT 1 / $2::int AS one FROM i';
      await expect(pool.query(rows, ['a', 0])).rejects.toMatchObject({ code: '22012' });
      expect((await pool.query(rows, ['a', 1])).rows).toEqual([{ one: 1 }]);
      await close();
    });

    test("an address without the pooler's parameter is refused, and the error names the parameter", async () => {
      const database = await createTestDatabase();
      const pool = openPostgres(pooler.addressOf(database.url, { announced: false }));
      await expect(requireDirect(pool)).rejects.toThrow(UnannouncedPooler);
      await expect(requireDirect(pool)).rejects.toThrow('add pgbouncer=true');
      await pool.end();
      await database.close();
    });
  });
});
