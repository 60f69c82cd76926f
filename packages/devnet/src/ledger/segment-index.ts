import type { HistoryEntry } from '../chain/history-entry.ts';
import { readCheckedJson, writeCheckedJson } from './checked-text.ts';
import { LedgerDamaged } from './ledger-damage.ts';
import type { TransactionHistory } from './transaction-history.ts';

interface SegmentIndexJson {
  readonly startSlot: number;
  /** Length of the segment's journal. */
  readonly bytes: number;
  readonly addresses: readonly string[];
  readonly entries: readonly [
    signature: string,
    slot: number,
    blockTime: number,
    error: HistoryEntry['error'],
    offset: number,
    length: number,
    addresses: readonly number[],
  ][];
}

/** Writes the history's entries of a finished segment, so that a later start need not read the segment. */
export function writeSegmentIndex(
  path: string,
  segment: number,
  { startSlot, bytes }: { readonly startSlot: number; readonly bytes: number },
  history: TransactionHistory,
): void {
  const numbers = new Map<string, number>();
  const numberOf = (address: string) => {
    const number = numbers.get(address) ?? numbers.size;
    numbers.set(address, number);
    return number;
  };
  const entries: SegmentIndexJson['entries'] = history
    .ofSegment(segment)
    .map(({ entry, addresses }) => [
      entry.signature,
      entry.slot,
      entry.blockTime,
      entry.error,
      entry.offset,
      entry.length,
      addresses.map(numberOf),
    ]);
  const json: SegmentIndexJson = { startSlot, bytes, addresses: [...numbers.keys()], entries };
  writeCheckedJson(path, json);
}

/**
 * Adds a finished segment to the history. Returns its start slot and the length of its journal. Returns null if its
 * index is missing, damaged, or of an earlier version, which had no checksum: the index can be rebuilt from the
 * journal.
 */
export function readSegmentIndex(
  path: string,
  segment: number,
  history: TransactionHistory,
): { startSlot: number; bytes: number } | null {
  const json = readWhole(path);
  if (json === null) return null;
  for (const [signature, slot, blockTime, error, offset, length, numbers] of json.entries) {
    const entry = { signature, slot, blockTime, error, segment, offset, length };
    history.add(
      entry,
      numbers.map((number) => json.addresses[number]!),
    );
  }
  return json;
}

function readWhole(path: string): SegmentIndexJson | null {
  try {
    const found = readCheckedJson(path);
    return found?.isChecked ? (found.value as SegmentIndexJson) : null;
  } catch (error) {
    if (error instanceof LedgerDamaged) return null;
    throw error;
  }
}
