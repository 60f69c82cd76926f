import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { toOrderId } from '../../domain/order.ts';
import { toEpochMs } from '../../domain/timestamp.ts';
import { orderRetentionSuite } from '../../ports/order-retention.suite.ts';
import { firstIdAt } from '../../ports/order-retention.ts';
import { newTestOrder } from '../../ports/order-store.suite.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { createPostgresOrderRetention } from './order-retention.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { openPglite } from './pglite/pglite.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

orderRetentionSuite('PGlite', async () => {
  const { pool, close } = await openPglite();
  await migrate(pool);
  const retention = createPostgresOrderRetention({ pool, embedded: true });
  return { store: createPostgresOrderStore({ pool }), retention, close };
});

await describeWithPostgres('on a server', () => {
  orderRetentionSuite('PostgreSQL', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    const retention = createPostgresOrderRetention({ pool, embedded: false });
    return { store: createPostgresOrderStore({ pool }), retention, close };
  });

  test.each(['idempotencyKey', 'clientOrderId'] as const)(
    'several processes at once take one order per %s, whatever window it is of',
    async (key) => {
      const { pool, url, close } = await createTestDatabase();
      await migrate(pool);
      const now = Date.now();
      await createPostgresOrderRetention({ pool, embedded: false }).removeOld(4, toEpochMs(now));
      const pools = [pool, openPostgres(url), openPostgres(url)];
      const stores = pools.map((one) => createPostgresOrderStore({ pool: one }));
      const keys = { idempotencyKey: key === 'idempotencyKey' ? 'one' : null, fingerprint: 'f' };
      const results = await Promise.all(
        Array.from({ length: 60 }, (_, index) => {
          // Every other one of a clock that is ahead, so it is in the default partition.
          const ms = now + (index % 2) * 1_000 * 86_400_000;
          const { order, events } = newTestOrder({
            orderId: toOrderId(`${firstIdAt(ms)}-7${randomUUID().slice(15)}`),
            ...(key === 'clientOrderId' && { clientOrderId: 'one' }),
          });
          return stores[index % 3]!.submit(order, events, keys);
        }),
      );
      expect(results.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'existing')).toHaveLength(59);
      expect((await pool.query('SELECT FROM orders')).rowCount).toBe(1);
      const { rows: partitions } = await pool.query(
        "SELECT relid::text FROM pg_partition_tree('orders') WHERE isleaf",
      );
      expect(partitions).toHaveLength(2);
      await Promise.all(pools.slice(1).map((one) => one.end()));
      await close();
    },
  );
});
