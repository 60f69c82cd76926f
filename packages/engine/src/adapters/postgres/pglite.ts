import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Pool, type PoolConfig } from 'pg';
import { lockDirectory } from './directory-lock.ts';

/** A new directory starts from this copy of an empty database: five times faster than creating one. */
const TEMPLATE = fileURLToPath(new URL('../../../assets/pglite-template.tar.gz', import.meta.url));

export interface EmbeddedDatabase {
  /** An ordinary pool of one connection; every access goes through it. */
  readonly pool: Pool;
  close(): Promise<void>;
}

/**
 * PostgreSQL inside this process, in a directory of its own (or in memory without one). It survives the death of the
 * process, not the loss of power: PGlite never calls fsync.
 *
 * @throws {DirectoryLocked} If another process uses the directory; two would erase each other's rows.
 */
export async function openPglite(directory?: string): Promise<EmbeddedDatabase> {
  if (directory) mkdirSync(directory, { recursive: true });
  const unlock = directory ? lockDirectory(directory) : () => {};
  try {
    const dataDir = directory && join(directory, 'pgdata');
    const isNew = !dataDir || !existsSync(join(dataDir, 'PG_VERSION'));
    const db = await PGlite.create({
      ...(dataDir && { dataDir }),
      ...(isNew && { loadDataDir: new Blob([readFileSync(TEMPLATE)], { type: 'application/x-gzip' }) }),
      // The default of 128 MB is memory that a few hot tables never use.
      startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
    });
    const pool = new Pool({ ...(createPgConfig(db) as unknown as PoolConfig), max: 1 });
    return {
      pool,
      async close() {
        await pool.end();
        await new Promise((resolve) => setTimeout(resolve)); // The driver still finishes its end in the next turn.
        await db.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
