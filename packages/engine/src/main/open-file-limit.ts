import { OWN_FILES, openFileLimit } from '@oee/directory-lock';

/**
 * How many connections of clients there may be: as configured, or fewer where the process may not open as many files.
 * Beyond that limit the next file to be opened fails, which would be the database's and not the client's.
 */
export function boundByOpenFiles(wanted: number, openFiles: number = openFileLimit()): number {
  return Math.min(wanted, openFiles - OWN_FILES);
}
