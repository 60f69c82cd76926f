export { LockUnavailable } from './kernel-lock.ts';
export {
  type DirectoryLock,
  DirectoryLocked,
  DirectoryReplaced,
  lockDirectory,
} from './lock-directory.ts';
export { makeDirectory } from './make-directory.ts';
export { OWN_FILES, openFileLimit, requireOpenFiles } from './open-files.ts';
