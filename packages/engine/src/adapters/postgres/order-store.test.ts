import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type OrderId, toOrderId } from '../../domain/order.ts';
import { accountStreamSuite } from '../../ports/account-stream.suite.ts';
import {
  LEASE_MS,
  newTestOrder,
  orderStoreSuite,
  ROUTING,
  transition,
} from '../../ports/order-store.suite.ts';
import type { Claim, OrderStore } from '../../ports/order-store.ts';
import { receiptStoreSuite } from '../../ports/receipt-store.suite.ts';
import { restingOrdersSuite } from '../../ports/resting-orders.suite.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { openPglite } from './pglite/pglite.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

const openEmbedded = async () => {
  const { pool, close } = await openPglite();
  await migrate(pool);
  return { store: createPostgresOrderStore({ pool }), wait: (ms: number) => wait(ms), close };
};
/** As `npm start` opens it. */
const openAlone = async () => {
  const { pool, close } = await openPglite();
  await migrate(pool);
  const store = createPostgresOrderStore({ pool, bornLeaseMs: LEASE_MS });
  return { store, wait: (ms: number) => wait(ms), close };
};
const openOnServer = async () => {
  const { pool, close } = await createTestDatabase();
  await migrate(pool);
  return { store: createPostgresOrderStore({ pool }), wait: (ms: number) => wait(ms), close };
};

orderStoreSuite('PGlite', openEmbedded);
orderStoreSuite('PGlite in a process that is alone', openAlone);
receiptStoreSuite('PGlite', openEmbedded);
accountStreamSuite('PGlite', openEmbedded);
restingOrdersSuite('PGlite', openEmbedded);
restingOrdersSuite('PGlite in a process that is alone', openAlone);

await describeWithPostgres('on a server', () => {
  orderStoreSuite('PostgreSQL', openOnServer);
  receiptStoreSuite('PostgreSQL', openOnServer);
  accountStreamSuite('PostgreSQL', openOnServer);
  restingOrdersSuite('PostgreSQL', openOnServer);

  test('two processes that work on the same orders never both commit a step', async () => {
    const database = await createTestDatabase();
    await migrate(database.pool);
    const otherPool = openPostgres(database.url);
    const stores = [database.pool, otherPool].map((pool) => createPostgresOrderStore({ pool }));
    const orders = Array.from({ length: 200 }, (_, index) => orderNumber(index));
    await Promise.all(orders.map(({ order, events }) => stores[0]!.submit(order, events, NO_KEYS)));

    // Opposite directions, so that the groups of the two meet in opposite orders.
    const outcomes = await Promise.all(
      stores.map((store, index) => {
        const ids = orders.map(({ order }) => order.request.orderId);
        return Promise.all((index === 0 ? ids : ids.reverse()).map((id) => store.claim(id, LEASE_MS)));
      }),
    );

    expect(outcomes.flat().filter(({ outcome }) => outcome === 'claimed')).toHaveLength(200);
    await otherPool.end();
    await database.close();
  });

  test.each(['release', 'end of its process'] as const)(
    'a step that waits at the %s is not stored, and another process goes on with its order',
    async (way) => {
      const database = await createTestDatabase();
      await migrate(database.pool);
      const pool = openPostgres(database.url);
      const store = createPostgresOrderStore({ pool });
      const { order, events } = orderNumber(1);
      const { orderId } = order.request;
      await store.submit(order, events, NO_KEYS);
      const claim = await claimed(store, orderId);
      const step = store.transition({ ...transition(claim, [ROUTING]), mayWait: true });
      const outcome = Promise.allSettled([step]);
      if (way === 'release') await store.release(orderId, claim.fence, 0);
      await pool.end();

      expect(await outcome).toMatchObject([{ status: 'rejected' }]);
      const other = createPostgresOrderStore({ pool: database.pool });
      if (way !== 'release') await other.voidLeases();
      expect((await claimed(other, orderId)).order).toEqual(order);
      await database.close();
    },
  );

  test('does not answer a ping where the server takes no writes, and shares a write among many pings', async () => {
    const database = await createTestDatabase();
    const asked: unknown[] = [];
    const { pool } = database;
    const query = pool.query.bind(pool) as (text: string) => Promise<unknown>;
    pool.query = ((text: string) => {
      asked.push(text);
      return query(text);
    }) as typeof pool.query;
    const store = createPostgresOrderStore({ pool });
    await Promise.all(Array.from({ length: 50 }, () => store.ping()));
    expect(asked).toHaveLength(1);
    await query(`ALTER DATABASE ${database.url.split('/').at(-1)} SET default_transaction_read_only = on`);
    const reader = openPostgres(database.url);
    await expect(createPostgresOrderStore({ pool: reader }).ping()).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
    await reader.end();
    await database.close();
  });

  test('rejects with the cause while the server is away, and works again when the server is back', async () => {
    const database = await createTestDatabase();
    await migrate(database.pool);
    const killer = openPostgres(database.url, { applicationName: 'killer', poolSize: 1 });
    const store = createPostgresOrderStore({ pool: database.pool });
    const { order, events } = orderNumber(1);
    const blocker = await killer.connect();
    await blocker.query('BEGIN; LOCK TABLE orders');
    const submission = store.submit(order, events, NO_KEYS);
    const rejection = expect(submission).rejects.toMatchObject({
      name: 'StoreUnavailable',
      cause: { code: '57P01' },
    });
    await wait(100);
    await blocker.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'killer'",
    );
    await rejection;
    await blocker.query('ROLLBACK');
    blocker.release();
    expect(await store.get(order.request.orderId)).toBeUndefined();
    expect(await store.submit(order, events, NO_KEYS)).toMatchObject({ outcome: 'created' });
    await killer.end();
    await database.close();
  });
});

const NO_KEYS = { idempotencyKey: null, fingerprint: 'f' };

const orderNumber = (index: number) =>
  newTestOrder({ orderId: toOrderId(`01900000-0000-7000-8000-${String(index).padStart(12, '0')}`) });

async function claimed(store: OrderStore, orderId: OrderId): Promise<Claim> {
  const result = await store.claim(orderId, LEASE_MS);
  if (result.outcome !== 'claimed') throw new Error('not claimed');
  return result.claim;
}
