import { priceMarksSuite } from '../../ports/price-marks.suite.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite/pglite.ts';
import { createPostgresPriceMarks } from './price-marks.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

priceMarksSuite('PGlite', async () => {
  const { pool, close } = await openPglite();
  await migrate(pool);
  return { marks: createPostgresPriceMarks(pool), close };
});

await describeWithPostgres('on a server', () => {
  priceMarksSuite('PostgreSQL', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    return { marks: createPostgresPriceMarks(pool), close };
  });
});
