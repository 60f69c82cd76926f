import { migrate } from '../../adapters/postgres/migrate.ts';
import { requireSettings } from '../../config/config.ts';
import { openDatabase } from '../open-database.ts';
import { run } from '../run.ts';

await run(async (config, log) => {
  requireSettings(config, 'migrate', ['DATABASE_URL']);
  const database = await openDatabase(config, log);
  try {
    const applied = await migrate(database.pool);
    console.log(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the database is up to date');
  } finally {
    await database.close();
  }
});
