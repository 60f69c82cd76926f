import { readFileSync, statSync } from 'node:fs';
import { LedgerDamaged } from './ledger-damage.ts';

/** All bytes of a file; null if there is none. @throws {LedgerDamaged} The path is no file, such as a directory. */
export function readWholeFile(path: string): Buffer | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  // The error of reading a directory would not name it.
  if (!found.isFile()) throw new LedgerDamaged(path, 0, 'it is no file');
  return readFileSync(path);
}
