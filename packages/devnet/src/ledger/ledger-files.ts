import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckedJson, writeCheckedJson } from './checked-text.ts';
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

/** Names the oldest kept segment, so that a start detects a missing one. */
export const oldestPath = (directory: string): string => join(directory, 'oldest-segment');

export const writeOldest = (directory: string, segment: number): void =>
  writeCheckedJson(oldestPath(directory), { segment });

/**
 * Undefined in a ledger of an earlier version, which did not record it.
 *
 * @throws {LedgerDamaged}
 */
export function readOldest(directory: string): number | undefined {
  const found = readCheckedJson(oldestPath(directory));
  return (found?.value as { segment: number } | undefined)?.segment;
}

/** Segments with a snapshot, rising. */
export const snapshotsIn = (directory: string): number[] => numbersOf(directory, /^snapshot-(\d+)$/);

/** Segments with a journal, rising. */
export const journalsIn = (directory: string): number[] => numbersOf(directory, /^blocks-(\d+)\.journal$/);

/**
 * @throws {LedgerDamaged} A journal is missing: the oldest kept one, the one that begins at the newest snapshot, or one
 * between others.
 */
export function requireJournals(
  directory: string,
  { segment, isEmptyPossible }: { readonly segment: number; readonly isEmptyPossible: boolean },
): void {
  const found = journalsIn(directory);
  const newest = found.at(-1) ?? -1;
  // A segment that was being deleted when the process died may still exist.
  const first = Math.min(found[0] ?? 0, readOldest(directory) ?? Number.POSITIVE_INFINITY);
  const expected = [...found.keys()].map((index) => first + index);
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
