import type { HistoryEntry } from '../chain/history-entry.ts';

interface Bucket {
  readonly address: string;
  entries: HistoryEntry[];
}

interface KeptEntry {
  readonly entry: HistoryEntry;
  readonly buckets: readonly Bucket[];
}

/** Landed transactions by signature and by account. Their content stays on disk. */
export class TransactionHistory {
  private readonly bySignature = new Map<string, KeptEntry>();
  private readonly byAddress = new Map<string, Bucket>();
  private readonly bySlot = new Map<number, HistoryEntry[]>();

  get size(): number {
    return this.bySignature.size;
  }

  add(entry: HistoryEntry, addresses: readonly string[]): void {
    const buckets = addresses.map((address) => this.bucket(address));
    for (const bucket of buckets) bucket.entries.push(entry);
    this.bySignature.set(entry.signature, { entry, buckets });
    const ofSlot = this.bySlot.get(entry.slot);
    if (ofSlot === undefined) this.bySlot.set(entry.slot, [entry]);
    else ofSlot.push(entry);
  }

  find(signature: string): HistoryEntry | undefined {
    return this.bySignature.get(signature)?.entry;
  }

  /** Oldest first. */
  *all(): Generator<HistoryEntry> {
    for (const { entry } of this.bySignature.values()) yield entry;
  }

  /** Transactions that name an account, oldest first. */
  ofAddress(address: string): readonly HistoryEntry[] {
    return this.byAddress.get(address)?.entries ?? [];
  }

  /** Transactions of one block, in the order of execution. */
  ofSlot(slot: number): readonly HistoryEntry[] {
    return this.bySlot.get(slot) ?? [];
  }

  /** Entries of one segment with the accounts that they name. */
  ofSegment(segment: number): { entry: HistoryEntry; addresses: string[] }[] {
    const found: { entry: HistoryEntry; addresses: string[] }[] = [];
    for (const { entry, buckets } of this.bySignature.values()) {
      if (entry.segment === segment) found.push({ entry, addresses: buckets.map(({ address }) => address) });
    }
    return found;
  }

  /** The transactions that landed behind a slot, oldest first. */
  after(slot: number): HistoryEntry[] {
    return [...this.all()].filter((entry) => entry.slot > slot);
  }

  /** Removes the transactions that landed behind a slot. */
  forgetAfter(slot: number): void {
    this.forget((entry) => entry.slot > slot);
  }

  /** Removes the transactions of segments up to and including one. */
  forgetThrough(segment: number): void {
    this.forget((entry) => entry.segment <= segment);
  }

  private forget(isOver: (entry: HistoryEntry) => boolean): void {
    const touched = new Set<Bucket>();
    for (const [signature, { entry, buckets }] of this.bySignature) {
      if (!isOver(entry)) continue;
      this.bySignature.delete(signature);
      this.bySlot.delete(entry.slot); // A block is kept or removed as a whole.
      for (const bucket of buckets) touched.add(bucket);
    }
    for (const bucket of touched) {
      bucket.entries = bucket.entries.filter((entry) => !isOver(entry));
      if (bucket.entries.length === 0) this.byAddress.delete(bucket.address);
    }
  }

  private bucket(address: string): Bucket {
    const known = this.byAddress.get(address);
    if (known !== undefined) return known;
    const bucket = { address, entries: [] };
    this.byAddress.set(address, bucket);
    return bucket;
  }
}
