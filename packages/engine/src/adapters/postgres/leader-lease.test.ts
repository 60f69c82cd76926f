import { leaderLeaseSuite } from '../../ports/leader-lease.suite.ts';
import { createPostgresLeaderLease } from './leader-lease.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite/pglite.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

leaderLeaseSuite('PGlite', async () => {
  const { pool, close } = await openPglite();
  await migrate(pool);
  return { open: (name) => createPostgresLeaderLease(pool, name), close };
});

await describeWithPostgres('on a server', () => {
  leaderLeaseSuite('PostgreSQL', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    return { open: (name) => createPostgresLeaderLease(pool, name), close };
  });
});
