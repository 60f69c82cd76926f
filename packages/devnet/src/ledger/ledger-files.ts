import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerDamaged } from './ledger-damage.ts';

export const headPath = (directory: string): string => join(directory, 'head');

export function snapshotPath(directory: string, segment: number): string {
  return join(directory, `snapshot-${padded(segment)}`);
}

export function journalPath(directory: string, segment: number): string {
  return join(directory, `blocks-${padded(segment)}.journal`);
}

export function indexPath(directory: string, segment: number): string {
  return join(directory, `blocks-${padded(segment)}.index`);
}

/** Segments with a snapshot, rising. */
export const snapshotsIn = (directory: string): number[] => numbersOf(directory, /^snapshot-(\d+)$/);

/** Segments with a journal, rising. */
export const journalsIn = (directory: string): number[] => numbersOf(directory, /^blocks-(\d+)\.journal$/);

/** @throws {LedgerDamaged} Where a journal is missing, the one that the newest snapshot begins included. */
export function requireJournals(
  directory: string,
  { segment, isEmptyPossible }: { readonly segment: number; readonly isEmptyPossible: boolean },
): void {
  const found = journalsIn(directory);
  const newest = found.at(-1) ?? -1;
  const expected = [...found.keys()].map((index) => (found[0] ?? 0) + index);
  const gap = expected.find((number, index) => number !== found[index]);
  const missing =
    gap ?? (newest < segment && !(isEmptyPossible && newest >= segment - 1) ? segment : undefined);
  if (missing !== undefined)
    throw new LedgerDamaged(journalPath(directory, missing), 0, 'the file is missing');
}

function padded(segment: number): string {
  return String(segment).padStart(8, '0');
}

function numbersOf(directory: string, pattern: RegExp): number[] {
  const numbers = readdirSync(directory).flatMap((name) => {
    const match = pattern.exec(name);
    return match ? [Number(match[1])] : [];
  });
  return numbers.sort((a, b) => a - b);
}
