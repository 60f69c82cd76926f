import { migrate } from '../../adapters/postgres/migrate.ts';
import { openDatabase } from '../open-database.ts';
import { run } from '../run.ts';

await run(
  async (config, log) => {
    const database = await openDatabase(config, log);
    try {
      const applied = await migrate(database.pool);
      console.log(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the database is up to date');
    } finally {
      await database.close();
    }
  },
  { command: 'migrate', names: ['DATABASE_URL'] },
);
