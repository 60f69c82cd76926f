import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { moveDatabase } from '../../adapters/postgres/move-database.ts';
import { openPostgres } from '../../adapters/postgres/open-postgres.ts';
import { InvalidConfig } from '../../config/config.ts';
import { SETTINGS } from '../../config/settings.ts';
import { markMoved } from '../moved-mark.ts';
import { openEmbedded } from '../open-database.ts';
import { run } from '../run.ts';

// npm run move -- --to postgres://…: copies the embedded database of DATA_DIR, whose engine is stopped, to a server.
await run(async (config, log) => {
  const { DATA_DIR } = config;
  const url = readTarget(process.argv.slice(2));
  if (!existsSync(join(DATA_DIR, 'database')))
    throw new InvalidConfig(`DATA_DIR ${DATA_DIR} has no embedded database`);
  const source = await openEmbedded(config, log);
  const target = openPostgres(url, { log, poolSize: 2, statementTimeoutMs: 0 });
  try {
    await migrate(source.pool);
    await migrate(target);
    // Marked first: a crash right here leaves a move to repeat, never two databases that trade.
    const moved = await moveDatabase(source.pool, target, async () => markMoved(DATA_DIR));
    for (const { table, rows } of moved) console.log(`${String(rows).padStart(10)}  ${table}`);
    console.log('Moved, and every checksum is equal. Start with DATABASE_URL from now on.');
  } finally {
    await target.end();
    await source.close();
  }
});

/** @throws {InvalidConfig} No target, or one that is no address of a PostgreSQL server. */
function readTarget(args: string[]): string {
  try {
    const { values } = parseArgs({ args, options: { to: { type: 'string', default: '' } } });
    const url = SETTINGS.DATABASE_URL.read(values.to);
    if (url !== null) return url;
  } catch {
    // An address may hold a password: what was wrong with it is not repeated.
  }
  throw new InvalidConfig(
    'name the target: npm run move -- --to postgres://user:password@host:5432/database',
  );
}
