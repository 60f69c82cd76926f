import { closeSync, fstatSync, statSync } from 'node:fs';
import { isAlive, readHolder, removeHolder, writeHolder } from './holder-file.ts';
import { LockUnavailable, openLocked } from './kernel-lock.ts';
import { makeDirectory } from './make-directory.ts';

/** Another process works in the directory. */
export class DirectoryLocked extends Error {
  override name = 'DirectoryLocked';
}

/** The path of a directory that is held leads to another one now, or nowhere. */
export class DirectoryReplaced extends Error {
  override name = 'DirectoryReplaced';
}

export interface DirectoryLock {
  /** False where no lock could be had and the caller said that it may do without. */
  readonly excludes: boolean;
  /**
   * A caller that writes by path must ask this first: a directory that was renamed away under its holder is held still, and
   * what its path leads to now is not. Costs a few microseconds.
   *
   * @throws {DirectoryReplaced}
   */
  verify(): void;
  /** Gives the directory back. May be repeated. */
  release(): void;
}

/**
 * Takes a directory for this process alone, and makes it where there is none. The lock is the kernel's: it does not
 * depend on names, clocks or what the file `lock` says, holds while this process is stopped, and ends with it.
 *
 * @throws {DirectoryLocked} If another process holds it, or this one already.
 * @throws {LockUnavailable} If no lock can be had here, unless `allowUnlocked`.
 * @throws {DirectoryReplaced} If the directory was replaced meanwhile.
 */
export function lockDirectory(
  directory: string,
  { allowUnlocked = false }: { readonly allowUnlocked?: boolean } = {},
): DirectoryLock {
  makeDirectory(directory);
  const fd = openOrDoWithout(directory, allowUnlocked);
  const excludes = fd !== undefined;
  const close = (): void => {
    if (excludes) closeSync(fd);
  };
  const identity = identityOf(excludes ? fstatSync(fd, BIG) : statSync(directory, BIG));
  const leadsHere = (): boolean => {
    const found = statSync(directory, { ...BIG, throwIfNoEntry: false });
    return found !== undefined && identityOf(found) === identity;
  };
  function verify(): void {
    if (!leadsHere())
      throw new DirectoryReplaced(
        `${directory} was moved away or replaced while this process worked in it: nothing more is written there`,
      );
  }

  try {
    verify();
    refuseLivingHolder(directory, excludes);
    writeHolder(directory, excludes ? 'kernel' : undefined);
  } catch (error) {
    close();
    throw error;
  }
  let isReleased = false;
  return {
    excludes,
    verify,
    release() {
      if (isReleased) return;
      isReleased = true;
      try {
        if (leadsHere()) removeHolder(directory);
      } finally {
        close();
      }
    },
  };
}

const BIG = { bigint: true } as const;

const identityOf = ({ dev, ino }: { dev: bigint; ino: bigint }): string => `${dev}:${ino}`;

function openOrDoWithout(directory: string, allowUnlocked: boolean): number | undefined {
  try {
    const fd = openLocked(directory);
    if (fd !== null) return fd;
  } catch (error) {
    if (!(error instanceof LockUnavailable)) throw error;
    if (allowUnlocked) return undefined;
    throw new LockUnavailable(`${directory} cannot be locked: ${error.message}`, { cause: error });
  }
  throw locked(directory);
}

/**
 * A file that says nothing of the kernel was written by an earlier version, whose lock it was, or where no lock could be
 * had. Then its process is looked for.
 */
function refuseLivingHolder(directory: string, excludes: boolean): void {
  const holder = readHolder(directory);
  if (!holder || (excludes && holder.lockedBy === 'kernel')) return;
  if (isAlive(holder, directory)) throw locked(directory);
}

function locked(directory: string): DirectoryLocked {
  const holder = readHolder(directory);
  const name = holder
    ? `process ${holder.pid}${holder.host === undefined ? '' : ` on ${holder.host}`}`
    : 'another process, which its file "lock" does not name';
  return new DirectoryLocked(
    `${directory} is in use by ${name}: stop it, or give this one another directory`,
  );
}
