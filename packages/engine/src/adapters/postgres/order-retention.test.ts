import { orderRetentionSuite } from '../../ports/order-retention.suite.ts';
import { migrate } from './migrate.ts';
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
});
