import { processSharesSuite } from '../../ports/process-shares.suite.ts';
import { migrate } from './migrate.ts';
import { createPostgresProcessShares } from './process-shares.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

// An embedded database has one process, which shares with no other.
await describeWithPostgres('on a server', () => {
  processSharesSuite('PostgreSQL', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    return { of: (work) => createPostgresProcessShares(pool, work), close };
  });
});
