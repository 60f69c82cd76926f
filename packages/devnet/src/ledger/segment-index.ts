import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { HistoryEntry, TransactionHistory } from './transaction-history.ts';

interface SegmentIndexJson {
  readonly startSlot: number;
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

/** Writes what the history knows of a finished segment, so that a later start need not read the segment. */
export function writeSegmentIndex(
  path: string,
  segment: number,
  startSlot: number,
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
  const json: SegmentIndexJson = { startSlot, addresses: [...numbers.keys()], entries };
  writeFileSync(`${path}.draft`, JSON.stringify(json));
  renameSync(`${path}.draft`, path);
}

/** Adds a finished segment to the history. Returns its start slot, or null where its index is missing. */
export function readSegmentIndex(path: string, segment: number, history: TransactionHistory): number | null {
  let json: SegmentIndexJson;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
  for (const [signature, slot, blockTime, error, offset, length, numbers] of json.entries) {
    const entry = { signature, slot, blockTime, error, segment, offset, length };
    history.add(
      entry,
      numbers.map((number) => json.addresses[number]!),
    );
  }
  return json.startSlot;
}
