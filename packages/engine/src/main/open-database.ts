import { join } from 'node:path';
import type pg from 'pg';
import { openPostgres, requireDirect } from '../adapters/postgres/open-postgres.ts';
import { type EmbeddedDatabase, openPglite } from '../adapters/postgres/pglite/pglite.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import { requireNotMoved } from './moved-mark.ts';

export interface OpenDatabase {
  readonly pool: pg.Pool;
  /** PGlite in this process, which no other process can use. */
  readonly embedded: boolean;
  close(): Promise<void>;
}

/** PGlite under DATA_DIR. The process ends when the directory is replaced under it: nothing may be written any more. */
export function openEmbedded(config: Config, log: Logger): Promise<EmbeddedDatabase> {
  return openPglite(join(config.DATA_DIR, 'database'), {
    log,
    allowUnlocked: config.ALLOW_UNLOCKED_DATA_DIR === 'yes',
    onReplaced(error) {
      log.error({ error }, 'database directory replaced, stopping');
      process.exit(1);
    },
  });
}

/** The database of the configuration: PGlite under DATA_DIR, or the server of DATABASE_URL. */
export async function openDatabase(config: Config, log: Logger): Promise<OpenDatabase> {
  if (config.DATABASE_URL === null) {
    requireNotMoved(config.DATA_DIR);
    const { pool, close } = await openEmbedded(config, log);
    return { pool, embedded: true, close };
  }
  const pool = openPostgres(config.DATABASE_URL, { log });
  await requireDirect(pool);
  return { pool, embedded: false, close: () => pool.end() };
}
