import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Another process that is alive uses the directory. */
export class DirectoryLocked extends Error {
  override name = 'DirectoryLocked';
}

/**
 * Takes a directory for this process. A lock that a dead process left is taken over.
 *
 * @returns Gives the directory back.
 * @throws {DirectoryLocked} With the directory and the process that holds it.
 */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, 'lock');
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, `${process.pid} ${startOf(process.pid) ?? '-'}\n`);
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = livingHolder(file);
      if (holder)
        throw new DirectoryLocked(
          `${directory} is in use by process ${holder}; stop that process or choose another DATA_DIR`,
        );
      rmSync(file, { force: true });
    }
  }
  throw new DirectoryLocked(`${directory} cannot be locked; is another process starting on it?`);
}

/** The process that holds the lock, if it is alive and no later process that got the same number. */
function livingHolder(file: string): number | undefined {
  const [pidText, start] = readText(file).trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
  const startNow = startOf(pid);
  return startNow && start && start !== '-' && startNow !== start ? undefined : pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, in ticks since boot; undefined where /proc does not tell. */
function startOf(pid: number): string | undefined {
  // The name in parentheses may hold spaces; the start time is the 20th field after it.
  const stat = readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
