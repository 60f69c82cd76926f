import { join } from 'node:path';
import type pg from 'pg';
import { openPostgres, requireDirect } from '../adapters/postgres/open-postgres.ts';
import { openPglite } from '../adapters/postgres/pglite.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import { requireNotMoved } from './moved-mark.ts';

/** The database of the configuration: PGlite under DATA_DIR, or the server of DATABASE_URL. */
export async function openDatabase(
  config: Config,
  log: Logger,
): Promise<{ pool: pg.Pool; embedded: boolean; close(): Promise<void> }> {
  if (config.DATABASE_URL === null) {
    requireNotMoved(config.DATA_DIR);
    const { pool, close } = await openPglite(join(config.DATA_DIR, 'database'), log);
    return { pool, embedded: true, close };
  }
  const pool = openPostgres(config.DATABASE_URL, { log });
  await requireDirect(pool);
  return { pool, embedded: false, close: () => pool.end() };
}
