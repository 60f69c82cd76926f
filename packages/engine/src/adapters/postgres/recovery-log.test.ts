import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recoveryLogSuite } from '../../ports/recovery-log.suite.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite/pglite.ts';
import { createPostgresRecoveryLog } from './recovery-log.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

recoveryLogSuite('PGlite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'recovery-'));
  const { pool, close } = await openPglite(join(directory, 'database'));
  await migrate(pool);
  return {
    log: createPostgresRecoveryLog(pool),
    async close() {
      await close();
      rmSync(directory, { recursive: true });
    },
  };
});

await describeWithPostgres('on a server', () => {
  recoveryLogSuite('PostgreSQL', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    return { log: createPostgresRecoveryLog(pool), close };
  });
});
