import { readFileSync, statSync } from 'node:fs';
import { LedgerDamaged } from './ledger-damage.ts';

/** All bytes of a file; null where there is none. @throws {LedgerDamaged} Where something else has its name. */
export function readWholeFile(path: string): Buffer | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  // Reading a directory fails without saying which.
  if (!found.isFile()) throw new LedgerDamaged(path, 0, 'it is no file');
  return readFileSync(path);
}
