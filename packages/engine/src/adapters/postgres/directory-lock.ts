import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Another process works in the directory. */
export class DirectoryLocked extends Error {
  override name = 'DirectoryLocked';
}

interface Holder {
  readonly pid: number;
  /** When the process began, in words of its system: tells it from a later process with the same pid. */
  readonly processStart: string;
  /** Process ids mean something on their own machine or container only. */
  readonly host: string;
  readonly token: string;
}

const HEARTBEAT_MS = 2_000;
/** A holder on another host counts as dead when its file was not touched for so long. */
const FOREIGN_STALE_MS = 20_000;

/**
 * Takes the directory for this process, since two PGlite processes in one directory erase each other's rows.
 * The file `lock` in it names the holder; one that a dead process left is taken over.
 *
 * @returns Gives the directory back.
 * @throws {DirectoryLocked} If a living process holds it, this one included.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'lock');
  const own: Holder = {
    pid: process.pid,
    processStart: processStart(process.pid),
    host: hostname(),
    token: randomUUID(),
  };
  const draft = `${path}.${own.token}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    while (!tryLink(draft, path)) removeStale(directory, path);
  } finally {
    rmSync(draft);
  }
  const heartbeat = setInterval(() => touch(path, own), HEARTBEAT_MS);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    if (readHolder(path)?.token === own.token) rmSync(path, { force: true });
  };
}

/** A link appears whole or not at all, so nobody reads half a lock. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(directory: string, path: string): void {
  const holder = readHolder(path);
  if (holder && isAlive(holder, path))
    throw new DirectoryLocked(
      `${directory} is in use by process ${holder.pid} on ${holder.host}: stop it, or give this one another directory`,
    );
  // Renamed, not removed: of two processes that found the stale file, only one moves it away.
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // The other may have put its own lock there in between; it gets it back.
  if (readHolder(aside)?.token !== holder?.token) tryLink(aside, path);
  rmSync(aside);
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined; // Gone since, or not ours to understand: then no living process is known to hold it.
  }
}

function isAlive(holder: Holder, path: string): boolean {
  if (holder.host !== hostname()) {
    const touchedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - touchedMs < FOREIGN_STALE_MS;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return processStart(holder.pid) === holder.processStart;
}

/** Start time of a process: clock ticks since boot on Linux, a date elsewhere; empty if it cannot be read. */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The command, in parentheses, may hold spaces; field 22 is the 20th after it.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    if (process.platform === 'linux') return '';
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

function touch(path: string, own: Holder): void {
  const now = new Date();
  if (readHolder(path)?.token === own.token) utimesSync(path, now, now);
}
