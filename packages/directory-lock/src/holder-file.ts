import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Who holds a directory, as the file `lock` in it says. It serves messages; the kernel decides. */
export interface Holder {
  readonly pid: number;
  readonly host?: string;
  /** When the process began, in words of its system: tells it from a later process with the same pid. */
  readonly processStart?: string;
  /** The same in the words of earlier versions of the local chain. */
  readonly startedAt?: string;
  /** Absent where the file was the lock itself, as in earlier versions. */
  readonly lockedBy?: 'kernel';
}

/** Earlier versions touched their file every 2 s. */
const FOREIGN_STALE_MS = 20_000;

const pathOf = (directory: string): string => join(directory, 'lock');

/** Names this process as the holder. */
export function writeHolder(directory: string, lockedBy: 'kernel' | undefined): void {
  const processStart = startOf(process.pid);
  const own: Holder = { pid: process.pid, host: hostname(), processStart, ...(lockedBy && { lockedBy }) };
  const draft = `${pathOf(directory)}.draft`;
  writeFileSync(draft, JSON.stringify(own));
  renameSync(draft, pathOf(directory));
}

export function removeHolder(directory: string): void {
  rmSync(pathOf(directory), { force: true });
}

/** Undefined where there is no such file, or no holder can be read from it. */
export function readHolder(directory: string): Holder | undefined {
  try {
    const value = JSON.parse(readFileSync(pathOf(directory), 'utf8')) as Holder | null;
    return Number.isInteger(value?.pid) ? (value as Holder) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process that the file names lives, as far as this process can see. */
export function isAlive(holder: Holder, directory: string): boolean {
  if (holder.host !== undefined && holder.host !== hostname()) {
    const touchedMs = statSync(pathOf(directory), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - touchedMs < FOREIGN_STALE_MS;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const start = startOf(holder.pid);
  if (holder.startedAt === undefined) return start === holder.processStart;
  return holder.startedAt === (process.platform === 'linux' ? start.split(' ')[1] : '');
}

/** Start time of a process: boot and clock ticks since then on Linux, a date elsewhere; empty if it cannot be read. */
function startOf(pid: number): string {
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
