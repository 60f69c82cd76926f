import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';

/** The system or the file system cannot lock a directory; the message says why. */
export class LockUnavailable extends Error {
  override name = 'LockUnavailable';
}

/** Systems whose `open` takes the lock itself; Node has no name for the flag. */
const LOCKING_OPEN: readonly string[] = ['darwin', 'freebsd', 'openbsd'];
const O_EXLOCK = 0x20;

const CHILD_TIMEOUT_MS = 30_000;
/** The number under which a child finds the handle. */
const CHILD_FD = 3;
/** Commands that call flock(2) on descriptor 3 without waiting: 0 taken, 1 held, anything else or words are an error. */
const LOCKERS: readonly [command: string, args: readonly string[]][] = [
  ['flock', ['-n', String(CHILD_FD)]], // The short option is the one that BusyBox knows too.
  [
    'perl',
    ['-e', 'open(my $h, "<&=", 3) or die; exit 0 if flock($h, 6); exit 1 if $!{EWOULDBLOCK}; die "$!\\n"'],
  ],
];

/**
 * Opens a directory and takes the kernel's lock on the handle. It is held until the last copy of the handle is closed,
 * and the kernel closes them all when the process ends, however it ends. It excludes processes of other containers too.
 *
 * @returns The handle, or null where another handle holds the lock.
 * @throws {LockUnavailable} Where no lock can be had, or if the granted lock excludes no other process.
 */
export function openLocked(directory: string): number | null {
  const fd = tryOpenLocked(directory);
  if (fd === null) return null;
  try {
    const second = tryOpenLocked(directory);
    if (second === null) return fd;
    closeSync(second);
    throw new LockUnavailable(`two handles of ${directory} were given the same lock`);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function tryOpenLocked(directory: string): number | null {
  if (LOCKING_OPEN.includes(process.platform)) return openExclusively(directory);
  if (process.platform === 'win32') throw new LockUnavailable('Windows locks no directories');
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    if (lockByChild(fd)) return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return null;
}

function openExclusively(directory: string): number | null {
  try {
    return openSync(directory, constants.O_RDONLY | constants.O_NONBLOCK | O_EXLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return null;
    if (code === 'EOPNOTSUPP' || code === 'ENOTSUP') throw new LockUnavailable(message);
    throw error;
  }
}

/**
 * Node cannot call flock(2). The lock belongs to the open handle, not to the process: a child that inherits the handle
 * takes the lock, and this process keeps it when the child has ended.
 */
function lockByChild(fd: number): boolean {
  for (const [command, args] of LOCKERS) {
    const { status, stderr, error } = spawnSync(command, args, {
      stdio: ['ignore', 'ignore', 'pipe', fd],
      encoding: 'utf8',
      timeout: CHILD_TIMEOUT_MS,
    });
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') continue;
    if (error) throw new LockUnavailable(`${command} could not be run (${error.message})`);
    if (status === 0) return true;
    if (status === 1 && stderr === '') return false;
    throw new LockUnavailable(`${command} answers ${stderr.trim() || `status ${status}`}`);
  }
  throw new LockUnavailable(`neither ${LOCKERS.map(([command]) => command).join(' nor ')} is installed`);
}
