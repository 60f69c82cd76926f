import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { Logger } from '../../ports/logger.ts';

/** Beside `src` and `dist` alike. */
const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** Any number, the same in every process of this engine. */
const ADVISORY_LOCK = 4_733_201_917;

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** The database and this version of the engine do not fit together; nothing was changed. */
export class MigrationRefused extends Error {
  override name = 'MigrationRefused';
}

/**
 * Brings the database to the newest schema, all or nothing. Safe to call from many processes at once and on each start.
 *
 * @returns The names of the files that were applied now.
 * @throws {MigrationRefused} If the database is newer than this engine, or an applied file was changed since.
 */
export async function migrate(
  pool: pg.Pool,
  options: { readonly log?: Logger; readonly migrations?: readonly Migration[] } = {},
): Promise<readonly string[]> {
  const migrations = options.migrations ?? readMigrations();
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // A long table takes long to change, and this process waits for one that migrates already.
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    const applied = await readApplied(client);
    checkApplied(applied, migrations);
    const pending = migrations.slice(applied.length);
    for (const { version, name, sql, sha256 } of pending) {
      await client.query(sql);
      await client.query('INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)', [
        version,
        name,
        sha256,
      ]);
    }
    await client.query('COMMIT');
    const names = pending.map(({ name }) => name);
    if (names.length > 0) options.log?.info({ migrations: names }, 'database migrated');
    return names;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {}); // The cause matters more than a connection that is gone.
    throw error;
  } finally {
    client.release();
  }
}

/**
 * Whether the database has exactly this version's schema; changes nothing.
 * @throws {MigrationRefused} If it has not, with what to do.
 */
export async function requireMigrated(pool: pg.Pool): Promise<void> {
  const migrations = readMigrations();
  const client = await pool.connect();
  try {
    const applied = await readApplied(client);
    checkApplied(applied, migrations);
    const missing = migrations[applied.length];
    if (missing)
      throw new MigrationRefused(`the database lacks migration ${missing.name}: run npm run migrate`);
  } finally {
    client.release();
  }
}

/** The migration files in order: numbers count from 1 without a gap. */
export function readMigrations(directory: string = MIGRATIONS_DIRECTORY): readonly Migration[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name, index) => {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1)
      throw new Error(`migration ${name} is out of order: its number should be ${index + 1}`);
    const sql = readFileSync(`${directory}/${name}`, 'utf8');
    return { version, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  });
}

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
}

async function readApplied(client: pg.PoolClient): Promise<readonly Applied[]> {
  const table = await client.query("SELECT to_regclass('schema_migrations') IS NOT NULL AS found");
  if (!table.rows[0].found) return [];
  const result = await client.query<Applied>(
    'SELECT version, name, sha256 FROM schema_migrations ORDER BY version',
  );
  return result.rows;
}

function checkApplied(applied: readonly Applied[], migrations: readonly Migration[]): void {
  if (applied.length > migrations.length)
    throw new MigrationRefused(
      `the database has migration ${applied.at(-1)?.name}, which this version of the engine does not know: start the newer version`,
    );
  for (const [index, { version, name, sha256 }] of applied.entries()) {
    const file = migrations[index];
    if (version !== file?.version || sha256 !== file.sha256)
      throw new MigrationRefused(
        `migration ${name} was changed after it was applied to this database: restore the file, and put the change into a new one`,
      );
  }
}
