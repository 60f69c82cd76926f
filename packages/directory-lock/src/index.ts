export { LockUnavailable } from './kernel-lock.ts';
export {
  type DirectoryLock,
  DirectoryLocked,
  DirectoryReplaced,
  lockDirectory,
} from './lock-directory.ts';
