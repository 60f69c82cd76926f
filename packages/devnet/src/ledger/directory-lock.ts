import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same number; empty where the system does not say. */
  readonly startedAt: string;
}

const heldHere = new Set<string>();

/** Thrown when another process uses the directory. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/**
 * Takes a directory for this process alone, until the returned function is called.
 * The lock of a process that has died is taken over.
 *
 * @throws {DirectoryInUse} When a living process holds it.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(resolve(directory), 'lock');
  mkdirSync(directory, { recursive: true });
  if (heldHere.has(path)) throw inUse(directory, process.pid);
  const own = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) });
  if (!tryCreate(path, own)) {
    const found = readText(path);
    const holder = parseHolder(found);
    if (holder !== null && isAlive(holder)) throw inUse(directory, holder.pid);
    removeStale(path, found);
    if (!tryCreate(path, own)) throw inUse(directory, parseHolder(readText(path))?.pid ?? 0);
  }
  heldHere.add(path);
  return () => {
    heldHere.delete(path);
    if (readText(path) === own) rmSync(path, { force: true });
  };
}

/** Links a complete file into place, so that nobody ever reads half a lock. */
function tryCreate(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Moves the stale lock away; if another process was faster and its new lock was moved, puts that back. */
function removeStale(path: string, expected: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readText(aside) !== expected) linkSync(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === process.pid) return false; // This process does not hold it, so an earlier one with its number did.
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return holder.startedAt === startOf(holder.pid);
}

/** When a process was started, in clock ticks since boot, on Linux. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function parseHolder(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text);
    const holder = value as Partial<Holder> | null;
    if (typeof holder?.pid !== 'number' || typeof holder.startedAt !== 'string') return null;
    return { pid: holder.pid, startedAt: holder.startedAt };
  } catch {
    return null;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function inUse(directory: string, pid: number): DirectoryInUse {
  return new DirectoryInUse(
    `The ledger ${directory} is in use by process ${pid}. Stop it, or choose another directory with --ledger.`,
  );
}
