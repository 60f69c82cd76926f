import { rmSync } from 'node:fs';
import type { DirectoryLock } from '@oee/directory-lock';
import { type Block, blockTimeSeconds } from '../chain/block.ts';
import type { Chain, ChainState } from '../chain/chain.ts';
import type { ChainJournal } from '../chain/chain-journal.ts';
import type { ExecutedTransaction } from '../chain/executed-transaction.ts';
import type { HistoryEntry } from '../chain/history-entry.ts';
import type { AccountState, Vm } from '../chain/vm.ts';
import { parseTransaction } from '../chain/wire-transaction.ts';
import { HeadFile, readHead } from './head-file.ts';
import {
  decodeRecord,
  encodeAccounts,
  encodeBlock,
  encodeFork,
  encodeStart,
  keptSlotOf,
  type Span,
} from './journal-record.ts';
import { LedgerDamaged } from './ledger-damage.ts';
import {
  headPath,
  indexPath,
  journalPath,
  journalsIn,
  readOldest,
  requireJournals,
  snapshotPath,
  snapshotsIn,
  writeOldest,
} from './ledger-files.ts';
import { NewestTransactions } from './newest-transactions.ts';
import { RecordFile } from './record-file.ts';
import { readSegmentIndex, writeSegmentIndex } from './segment-index.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import { decodeTransaction } from './stored-transaction.ts';
import { TransactionHistory } from './transaction-history.ts';

const BYTES_PER_SEGMENT = 32 * 2 ** 20;
const SLOTS_PER_SNAPSHOT = 20_000;

export interface LedgerLimits {
  /** Number of landed transactions to keep; older ones are deleted a segment at a time. */
  readonly maxTransactions: number;
  /** Transactions after which the ledger takes a snapshot and begins a new segment of the journal. */
  readonly transactionsPerSegment: number;
}

export interface LedgerPlace {
  readonly directory: string;
  /** Checked before every write; null if no other process can know the directory. */
  readonly lock: Pick<DirectoryLock, 'verify'> | null;
  readonly limits: LedgerLimits;
}

/**
 * A chain's directory: `snapshot-N` is the chain at the beginning of `blocks-N.journal`, `head` the newest slot. A
 * start loads the newest snapshot and replays the journal behind it; earlier segments only serve history.
 */
export class Ledger implements ChainJournal {
  readonly history = new TransactionHistory();
  private readonly directory: string;
  private readonly lock: LedgerPlace['lock'];
  private readonly limits: LedgerLimits;
  private readonly head: HeadFile;
  private readonly files = new Map<number, RecordFile>();
  private readonly startSlots = new Map<number, number>();
  private readonly newest = new NewestTransactions();
  private segment: number;
  private segmentTransactions = 0;
  private snapshotSlot = 0;

  private constructor({ directory, lock, limits }: LedgerPlace, segment: number) {
    this.directory = directory;
    this.lock = lock;
    this.segment = segment;
    this.limits = limits;
    this.head = new HeadFile(headPath(directory));
  }

  /** Writes the chain's beginning into an empty directory. @throws A journal exists already. */
  static create(directory: string, vm: Vm, state: ChainState): void {
    if (journalsIn(directory).length > 0) {
      throw new Error(
        `${directory} has a journal but no ledger.json. Remove it, or choose another directory.`,
      );
    }
    writeSnapshot(snapshotPath(directory, 0), vm, state);
    writeOldest(directory, 0);
  }

  /**
   * Opens a directory and restores its chain.
   *
   * @param createChain Makes a chain from a snapshot; the chain writes to the given ledger.
   * @throws {LedgerDamaged} A file differs from the written one, or is missing.
   */
  static open(
    place: LedgerPlace,
    createChain: (ledger: Ledger, vm: Vm, state: ChainState) => Chain,
  ): { ledger: Ledger; chain: Chain } {
    const { directory } = place;
    const headSlot = readHead(headPath(directory));
    const segment = snapshotsIn(directory).at(-1) ?? 0;
    const path = snapshotPath(directory, segment);
    const snapshot = readSnapshot(path);
    if (snapshot === null) throw new LedgerDamaged(path, 0, 'the file is missing');
    requireJournals(directory, { segment, isEmptyPossible: headSlot <= snapshot.state.slot });
    if (readOldest(directory) === undefined) writeOldest(directory, journalsIn(directory)[0] ?? segment);
    const ledger = new Ledger(place, segment);
    try {
      const chain = createChain(ledger, snapshot.vm, snapshot.state);
      ledger.snapshotSlot = snapshot.state.slot;
      ledger.restore(chain, headSlot);
      return { ledger, chain };
    } catch (error) {
      ledger.close();
      throw error;
    }
  }

  writeBlock(block: Block): void {
    this.lock?.verify();
    const { payload, spans } = encodeBlock(block);
    const offset = this.current.append(payload);
    this.index(block, spans, offset, this.segment);
    this.segmentTransactions += block.transactions.length;
  }

  writeAccounts(slot: number, accounts: ReadonlyMap<string, AccountState>): void {
    this.lock?.verify();
    this.current.append(encodeAccounts(slot, accounts));
  }

  writeFork(slot: number, keptSlot: number): readonly Uint8Array[] {
    this.lock?.verify();
    this.current.append(encodeFork(slot, keptSlot));
    return this.dropAfter(keptSlot);
  }

  writeHead(slot: number): void {
    this.lock?.verify();
    this.head.write(slot);
  }

  read(entry: HistoryEntry): ExecutedTransaction {
    const { segment, offset, length } = entry;
    return this.newest.find(entry) ?? decodeTransaction(this.file(segment).read(offset, length));
  }

  /** The first slot from which on every transaction is kept; 0 while none was deleted. */
  get firstAvailableSlot(): number {
    if (this.startSlots.has(0)) return 0;
    return Math.min(...this.startSlots.values());
  }

  isSnapshotDue(chain: Chain): boolean {
    return (
      this.segmentTransactions >= this.limits.transactionsPerSegment ||
      this.current.bytes >= BYTES_PER_SEGMENT ||
      chain.slot - this.snapshotSlot >= SLOTS_PER_SNAPSHOT
    );
  }

  /** Shortens the next start: writes a snapshot, begins a new segment and deletes old ones. */
  snapshot(chain: Chain): void {
    this.lock?.verify();
    const finished = this.segment;
    writeSnapshot(snapshotPath(this.directory, finished + 1), chain.vm, chain.state());
    this.snapshotSlot = chain.slot;
    this.indexSegment(finished);
    this.beginSegment(finished + 1, chain.slot);
    for (const number of snapshotsIn(this.directory))
      if (number < finished) rmSync(snapshotPath(this.directory, number));
    this.forgetOldSegments();
  }

  close(): void {
    this.head.close();
    for (const file of this.files.values()) file.close();
    this.files.clear();
  }

  private restore(chain: Chain, headSlot: number): void {
    const { directory, segment: first } = this;
    const segments = journalsIn(directory);
    for (const segment of segments.filter((number) => number < first)) this.restoreHistory(segment);
    for (const segment of segments.filter((number) => number >= first))
      this.replay(chain, segment, segment === segments.at(-1));
    if (!this.startSlots.has(this.segment)) this.beginSegment(this.segment, chain.slot);
    chain.replayEmptySlots(headSlot);
  }

  private restoreHistory(segment: number): void {
    const file = this.file(segment);
    // Checks every byte against its checksum. Forks of this segment, which drop blocks of earlier ones, apply first.
    for (const { payload } of file.scan({ isLast: false })) {
      const keptSlot = keptSlotOf(payload);
      if (keptSlot !== null) this.history.forgetAfter(keptSlot);
    }
    const known = readSegmentIndex(indexPath(this.directory, segment), segment, this.history);
    if (known !== null) {
      if (known.bytes !== file.bytes) throw new LedgerDamaged(file.path, file.bytes, 'the file ends there');
      this.startSlots.set(segment, known.startSlot);
      return;
    }
    for (const { offset, payload } of file.scan({ isLast: false })) {
      const record = decodeRecord(payload);
      if (record.kind === 'start') this.startSlots.set(segment, record.slot);
      if (record.kind === 'fork') this.history.forgetAfter(record.keptSlot);
      if (record.kind === 'block') this.index(record, record.spans, offset, segment);
    }
    this.indexSegment(segment);
  }

  private replay(chain: Chain, segment: number, isLast: boolean): void {
    this.segment = segment;
    this.segmentTransactions = 0;
    for (const { offset, payload } of this.file(segment).scan({ isLast })) {
      const record = decodeRecord(payload);
      if (record.kind === 'start') this.startSlots.set(segment, record.slot);
      if (record.kind === 'accounts') chain.replayAccounts(record.slot, record.accounts);
      if (record.kind === 'fork')
        chain.replayFork(record.slot, record.keptSlot, this.dropAfter(record.keptSlot));
      if (record.kind !== 'block') continue;
      const transactions = record.transactions.map(({ bytes }) => parseTransaction(bytes));
      chain.replayBlock({ ...record, transactions });
      this.index(record, record.spans, offset, segment);
      this.segmentTransactions += record.transactions.length;
    }
  }

  /** Removes the transactions that landed behind a slot, and returns them, oldest first. */
  private dropAfter(keptSlot: number): readonly Uint8Array[] {
    const dropped = this.history.after(keptSlot).map((entry) => ({ entry, bytes: this.read(entry).bytes }));
    this.history.forgetAfter(keptSlot);
    // The index of a finished segment would restore them at a start.
    for (const segment of new Set(dropped.map(({ entry }) => entry.segment)))
      if (segment !== this.segment) this.indexSegment(segment);
    return dropped.map(({ bytes }) => bytes);
  }

  private indexSegment(segment: number): void {
    const startSlot = this.startSlots.get(segment) ?? 0;
    const extent = { startSlot, bytes: this.file(segment).bytes };
    writeSegmentIndex(indexPath(this.directory, segment), segment, extent, this.history);
  }

  private index(
    block: Pick<Block, 'slot' | 'timeMs' | 'transactions'>,
    spans: readonly Span[],
    payloadOffset: number,
    segment: number,
  ): void {
    const place = { slot: block.slot, blockTime: blockTimeSeconds(block), segment };
    for (const [index, transaction] of block.transactions.entries()) {
      const { signature, error, accounts } = transaction;
      const { offset, length } = spans[index]!;
      const entry = { signature, error, ...place, offset: payloadOffset + offset, length };
      this.history.add(entry, accounts);
      this.newest.keep(entry, transaction);
    }
  }

  private beginSegment(segment: number, slot: number): void {
    this.segment = segment;
    this.segmentTransactions = 0;
    this.startSlots.set(segment, slot);
    this.current.append(encodeStart(slot));
  }

  private forgetOldSegments(): void {
    const segments = [...this.startSlots.keys()].sort((a, b) => a - b);
    let surplus = this.history.size - this.limits.maxTransactions;
    for (const segment of segments.slice(0, -2)) {
      const count = this.history.ofSegment(segment).length;
      if (surplus < count) return;
      surplus -= count;
      writeOldest(this.directory, segment + 1);
      this.history.forgetThrough(segment);
      this.startSlots.delete(segment);
      this.files.get(segment)?.close();
      this.files.delete(segment);
      rmSync(journalPath(this.directory, segment));
      rmSync(indexPath(this.directory, segment), { force: true });
    }
  }

  private get current(): RecordFile {
    return this.file(this.segment);
  }

  private file(segment: number): RecordFile {
    const open = this.files.get(segment);
    if (open !== undefined) return open;
    const file = new RecordFile(journalPath(this.directory, segment));
    this.files.set(segment, file);
    return file;
  }
}
