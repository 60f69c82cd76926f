import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { type DirectoryLock, type DirectoryReplaced, lockDirectory } from '@oee/directory-lock';
import pg from 'pg';
import type { Logger } from '../../../ports/logger.ts';
import { PgliteStream } from './pglite-stream.ts';
import { type PgliteThread, startPgliteThread, type ThreadOptions } from './pglite-thread.ts';
import { reviveOnFailure } from './revive-pglite.ts';
import { unpackTemplate } from './unpack-template.ts';

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
const ASSETS_DIRECTORY = fileURLToPath(new URL('../../../../assets/', import.meta.url));

/** The data directory cannot be used; the message says why and what to do. It was left as it is. */
export class DatabaseRefused extends Error {
  override name = 'DatabaseRefused';
}

/** In every data directory that this program made, which appears under its name only when it is complete. */
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
 * @throws {DatabaseRefused} If what is there is no database of this program, or cannot be opened.
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
    const dataDirectory = join(directory, 'pgdata');
    makeComplete(dataDirectory, log);
    return await open(dataDirectory, lock, options);
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
  const startedAt = performance.now();
  const pglite = {
    ...(dataDirectory && { dataDir: dataDirectory }),
    startParams: [
      ...PGlite.defaultStartParams,
      ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
  };
  const first = await startPgliteThread({
    pglite,
    templateFile: dataDirectory === undefined ? templatePath() : null,
  }).catch((error: Error) => {
    throw new DatabaseRefused(
      `the database in ${dataDirectory} cannot be opened (${firstLine(error)}): put back a backup, or name another DATA_DIR`,
      { cause: error },
    );
  });
  const thread = lock
    ? guard(reviveOnFailure(first, { open: () => reopen(pglite, lock), log }), lock, onReplaced)
    : first;
  log?.debug(
    { directory: dataDirectory, openMs: Math.round(performance.now() - startedAt) },
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

/** What another process may have put into the place of the directory is not opened. */
function reopen(pglite: ThreadOptions['pglite'], lock: DirectoryLock): Promise<PgliteThread> {
  lock.verify();
  return startPgliteThread({ pglite, templateFile: null });
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

/**
 * Makes the data directory where there is none. It is built beside its place and renamed when it is whole: what is found
 * under its name was complete once, and is never replaced.
 */
function makeComplete(dataDirectory: string, log?: Logger): void {
  if (existsSync(join(dataDirectory, COMPLETE_MARK))) return;
  if (existsSync(dataDirectory))
    throw new DatabaseRefused(
      `${dataDirectory} is not used, since the file ${COMPLETE_MARK} that every complete database has is missing there: ` +
        'put back a backup; or, if it was never started, or is of another program, move it away',
    );
  const building = `${dataDirectory}.building`;
  setAside(building, dataDirectory, log);
  unpackTemplate(templatePath(), building);
  writeFileSync(join(building, COMPLETE_MARK), '');
  renameSync(building, dataDirectory);
}

/** Nothing was ever acknowledged from a directory that was being built; it is kept all the same. */
function setAside(building: string, dataDirectory: string, log?: Logger): void {
  if (!existsSync(building)) return;
  const aside = `${dataDirectory}.incomplete-${Date.now()}`;
  renameSync(building, aside);
  log?.warn({ movedTo: aside }, 'the first start was cut off; starting with a new data directory');
}

const firstLine = ({ message }: Error): string => message.split('\n')[0]!;

/** A fresh data directory made by the installed version: opening it is three times faster than initdb. */
export function templatePath(): string {
  return join(ASSETS_DIRECTORY, `pglite-template-${installedPgliteVersion()}.tar.gz`);
}

export function installedPgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')).version;
}
