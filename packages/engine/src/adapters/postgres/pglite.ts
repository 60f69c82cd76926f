import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { type DirectoryLock, type DirectoryReplaced, lockDirectory } from '@oee/directory-lock';
import pg from 'pg';
import type { Logger } from '../../ports/logger.ts';
import { PgliteStream } from './pglite-stream.ts';
import { type PgliteThread, startPgliteThread } from './pglite-thread.ts';

export interface EmbeddedDatabase {
  readonly pool: pg.Pool;
  /** Waits for running queries, then closes. May be repeated. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly log?: Logger;
  /** Goes on where the directory cannot be locked. Then nothing keeps a second process off it. */
  readonly allowUnlocked?: boolean;
  /** Told once, when the directory was replaced. Every query fails from then on, and nothing is written. */
  readonly onReplaced?: (error: DirectoryReplaced) => void;
}

/** Beside `src` and `dist` alike. */
const ASSETS_DIRECTORY = fileURLToPath(new URL('../../../assets/', import.meta.url));

/** Written when a data directory is complete: what is found without it was cut off in its first start. */
const COMPLETE_MARK = 'oee-complete';

/** How often the lock is compared with its path while no request does it. */
const VERIFY_MS = 250;

/**
 * PGlite runs one session without background processes: no autovacuum tells the planner of a table that grew after a
 * statement was planned. So plans that suit only small tables are ruled out, since every query here goes through an
 * index or reads the rows that it was given; a prepared statement then is planned once, which takes as long as a small
 * group's execution.
 */
const SETTINGS = {
  shared_buffers: '16MB',
  max_wal_size: '64MB',
  min_wal_size: '32MB',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_material: 'off',
  enable_bitmapscan: 'off',
  plan_cache_mode: 'force_generic_plan',
};

/**
 * Opens PostgreSQL inside this process, with its files in `directory`, or in memory without one.
 * It survives the death of the process, not a loss of power: it never waits for the disk.
 *
 * @throws {DirectoryLocked} If another process has the directory open.
 * @throws {LockUnavailable} If the directory cannot be locked, unless `allowUnlocked`.
 */
export async function openPglite(
  directory?: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedDatabase> {
  if (directory === undefined) return open(undefined, undefined, options);
  const { allowUnlocked = false, log } = options;
  const lock = lockDirectory(directory, { allowUnlocked });
  if (!lock.excludes)
    log?.warn(
      { directory },
      'the directory cannot be locked: a second process in it would destroy the database',
    );
  try {
    return await open(join(directory, 'pgdata'), lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function open(
  dataDirectory: string | undefined,
  lock: DirectoryLock | undefined,
  { log, onReplaced }: EmbeddedOptions,
): Promise<EmbeddedDatabase> {
  const mark = dataDirectory && join(dataDirectory, COMPLETE_MARK);
  const isNew = !mark || !existsSync(mark);
  if (dataDirectory && isNew) setAside(dataDirectory, log);
  const startedAt = performance.now();
  const unguarded = await startPgliteThread({
    pglite: {
      ...(dataDirectory && { dataDir: dataDirectory }),
      startParams: [
        ...PGlite.defaultStartParams,
        ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
    },
    templateFile: isNew ? templatePath() : null,
  });
  if (mark && isNew) writeFileSync(mark, '');
  const thread = lock ? guard(unguarded, lock, onReplaced) : unguarded;
  log?.debug(
    { directory: dataDirectory, isNew, openMs: Math.round(performance.now() - startedAt) },
    'PGlite opened',
  );

  const pool = new pg.Pool({
    user: 'postgres',
    database: 'postgres',
    stream: () => new PgliteStream(thread) as unknown as Socket,
    max: 1,
    idleTimeoutMillis: 0,
  });
  pool.on('error', (error) => log?.error({ error }, 'PGlite connection failed'));
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await pool.end();
    await thread.close();
    lock?.release();
  }
  return {
    pool,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** PGlite opens its files by path: before each request the path is compared with the directory that is locked. */
function guard(
  thread: PgliteThread,
  lock: DirectoryLock,
  onReplaced: EmbeddedOptions['onReplaced'],
): PgliteThread {
  let replaced: DirectoryReplaced | undefined;
  function notice(): DirectoryReplaced | undefined {
    try {
      if (!replaced) lock.verify();
    } catch (error) {
      replaced = error as DirectoryReplaced;
      void thread.abandon();
      onReplaced?.(replaced);
    }
    return replaced;
  }
  const timer = setInterval(notice, VERIFY_MS);
  timer.unref();
  return {
    ask(request) {
      const problem = notice();
      return problem ? Promise.reject(problem) : thread.ask(request);
    },
    close() {
      clearInterval(timer);
      return notice() ? thread.abandon() : thread.close();
    },
    abandon: () => thread.abandon(),
  };
}

/** Nothing was ever acknowledged from an incomplete directory; it is kept all the same. */
function setAside(dataDirectory: string, log?: Logger): void {
  if (!existsSync(dataDirectory)) return;
  const aside = `${dataDirectory}.incomplete-${Date.now()}`;
  renameSync(dataDirectory, aside);
  log?.warn({ movedTo: aside }, 'the first start was cut off; starting with a new data directory');
}

/** A fresh data directory made by the installed version: opening it is three times faster than initdb. */
export function templatePath(): string {
  return join(ASSETS_DIRECTORY, `pglite-template-${installedPgliteVersion()}.tar.gz`);
}

export function installedPgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')).version;
}
