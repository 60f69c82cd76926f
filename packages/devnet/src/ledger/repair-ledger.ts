import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readCheckedJson } from './checked-text.ts';
import { readHead } from './head-file.ts';
import { LedgerDamaged } from './ledger-damage.ts';
import {
  headPath,
  indexPath,
  journalPath,
  journalsIn,
  oldestPath,
  readOldest,
  snapshotPath,
  snapshotsIn,
  writeOldest,
} from './ledger-files.ts';
import { readIdentity } from './ledger-identity.ts';
import { RecordFile } from './record-file.ts';
import { readSnapshot } from './snapshot.ts';

/**
 * Cuts a damaged ledger back to its readable part, so that its chain can start. Discarded files stay in the directory
 * under names that end in `.damaged-` and a time.
 *
 * @returns A line for each action; empty if no file is damaged.
 * @throws {LedgerDamaged} The rest is not enough for a chain: its identity or every snapshot is damaged.
 */
export function repairLedger(directory: string): string[] {
  if (readIdentity(directory) === null) throw new Error(`${directory} holds no ledger.`);
  const repair = new Repair(directory);
  repair.tokens();
  const base = repair.snapshots();
  repair.head();
  repair.history(base);
  repair.journals(base);
  return repair.done;
}

class Repair {
  readonly done: string[] = [];
  private readonly directory: string;
  private readonly suffix = `.damaged-${Date.now()}`;

  constructor(directory: string) {
    this.directory = directory;
  }

  tokens(): void {
    const path = join(this.directory, 'launched-tokens.json');
    if (damageOf(() => readCheckedJson(path))) this.setAside(path, 'names of launched tokens are lost');
  }

  /** The newest snapshot that can be read. */
  snapshots(): number {
    let damage: LedgerDamaged | null = null;
    for (const segment of snapshotsIn(this.directory).reverse()) {
      const path = snapshotPath(this.directory, segment);
      const found = damageOf(() => readSnapshot(path));
      if (found === null) return segment;
      damage ??= found;
      this.setAside(path, 'the one before serves, and the journal behind it is repeated');
    }
    throw damage ?? new LedgerDamaged(snapshotPath(this.directory, 0), 0, 'the file is missing');
  }

  /** Segments before the snapshot only serve history, and the remaining history must have no gap. */
  history(base: number): void {
    const segments = journalsIn(this.directory).filter((segment) => segment < base);
    const isSound = (segment: number) =>
      (segment + 1 === base || segments.includes(segment + 1)) && this.damageIn(segment, false) === null;
    const lastBad = segments.findLast((segment) => !isSound(segment));
    for (const segment of segments.filter((number) => number <= (lastBad ?? -1)))
      this.setAsideSegment(segment, 'its transactions are no longer found');
    this.oldest(segments.find((segment) => segment > (lastBad ?? -1)) ?? base);
  }

  /** History begins here from now on. */
  private oldest(segment: number): void {
    const path = oldestPath(this.directory);
    if (damageOf(() => readOldest(this.directory))) this.setAside(path, 'history begins with what is there');
    const before = readOldest(this.directory) ?? segment;
    if (before < segment && !this.done.some((line) => line.startsWith(basename(journalPath('', before)))))
      this.done.push(`${basename(journalPath('', before))} is missing: its transactions are no longer found`);
    writeOldest(this.directory, segment);
  }

  head(): void {
    const path = headPath(this.directory);
    if (damageOf(() => readHead(path)))
      this.setAside(path, 'slots behind the last transaction are forgotten');
  }

  /** The chain ends where the first damage behind the snapshot begins. */
  journals(base: number): void {
    const segments = journalsIn(this.directory).filter((segment) => segment >= base);
    let isOver = segments.length === 0 && this.isBehind(base);
    if (isOver)
      this.done.push(`${basename(journalPath('', base))} is missing: the chain ends where it began`);
    for (const [index, segment] of segments.entries()) {
      isOver ||= segment !== base + index;
      if (isOver) {
        this.setAsideSegment(segment, 'it lies behind the damage');
        continue;
      }
      const damage = this.damageIn(segment, segment === segments.at(-1));
      if (damage === null) continue;
      isOver = true;
      const path = journalPath(this.directory, segment);
      copyFileSync(path, path + this.suffix);
      const file = new RecordFile(path);
      file.cut(damage.offset);
      file.close();
      this.done.push(`${damage.summary}: cut off there, a copy is in ${basename(path)}${this.suffix}`);
    }
    if (isOver && existsSync(headPath(this.directory)))
      this.setAside(headPath(this.directory), 'the chain ends before it');
  }

  /** Whether the chain continued after the snapshot. */
  private isBehind(base: number): boolean {
    const { state } = readSnapshot(snapshotPath(this.directory, base))!;
    return readHead(headPath(this.directory)) > state.slot;
  }

  private damageIn(segment: number, isLast: boolean): LedgerDamaged | null {
    const file = new RecordFile(journalPath(this.directory, segment));
    try {
      return damageOf(() => {
        for (const _ of file.scan({ isLast }));
      });
    } finally {
      file.close();
    }
  }

  private setAsideSegment(segment: number, why: string): void {
    this.setAside(journalPath(this.directory, segment), why);
    rmSync(indexPath(this.directory, segment), { force: true });
  }

  private setAside(path: string, why: string): void {
    renameSync(path, path + this.suffix);
    this.done.push(`${basename(path)} set aside: ${why}`);
  }
}

function damageOf(read: () => unknown): LedgerDamaged | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof LedgerDamaged) return error;
    throw error;
  }
}
