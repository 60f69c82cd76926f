import type { Block } from '../chain/block.ts';
import type { ExecutedTransaction } from '../chain/executed-transaction.ts';
import type { AccountState } from '../chain/vm.ts';
import { type AccountJson, fromAccountJson, toAccountJson } from './account-json.ts';
import { decodeTransaction, encodeTransaction } from './stored-transaction.ts';

const KIND_START = 0;
const KIND_BLOCK = 1;
const KIND_ACCOUNTS = 2;
const KIND_FORK = 3;

/** A part of a record: where it begins, counted from the record's payload. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

interface BlockRecord {
  readonly kind: 'block';
  readonly slot: number;
  readonly blockhash: string;
  readonly timeMs: number;
  readonly transactions: readonly ExecutedTransaction[];
  /** Position of each transaction. */
  readonly spans: readonly Span[];
}

export type JournalRecord =
  | { readonly kind: 'start'; readonly slot: number }
  | BlockRecord
  | { readonly kind: 'fork'; readonly slot: number; readonly keptSlot: number }
  | {
      readonly kind: 'accounts';
      readonly slot: number;
      readonly accounts: ReadonlyMap<string, AccountState>;
    };

/** The first record of a segment: the newest slot when the segment began. */
export function encodeStart(slot: number): Buffer {
  return withHead(KIND_START, { slot }, []);
}

export function encodeAccounts(slot: number, accounts: ReadonlyMap<string, AccountState>): Buffer {
  const list = [...accounts].map(([address, state]) => ({ address, ...toAccountJson(state) }));
  return withHead(KIND_ACCOUNTS, { slot, accounts: list }, []);
}

/** Encodes a fork: after `slot` it dropped all blocks behind `keptSlot`. */
export function encodeFork(slot: number, keptSlot: number): Buffer {
  return withHead(KIND_FORK, { slot, keptSlot }, []);
}

/** The slot behind which a record drops all blocks; null if it is no fork. */
export function keptSlotOf(payload: Buffer): number | null {
  if (payload[0] !== KIND_FORK) return null;
  const record = decodeRecord(payload);
  return record.kind === 'fork' ? record.keptSlot : null;
}

export function encodeBlock(block: Block): { payload: Buffer; spans: Span[] } {
  const { slot, blockhash, timeMs } = block;
  const bodies = block.transactions.map(encodeTransaction);
  const payload = withHead(KIND_BLOCK, { slot, blockhash, timeMs }, bodies);
  return { payload, spans: spansOf(payload) };
}

export function decodeRecord(payload: Buffer): JournalRecord {
  const head = JSON.parse(payload.subarray(5, 5 + payload.readUInt32LE(1)).toString());
  if (payload[0] === KIND_START) return { kind: 'start', slot: head.slot };
  if (payload[0] === KIND_FORK) return { kind: 'fork', ...head };
  if (payload[0] === KIND_BLOCK) {
    const spans = spansOf(payload);
    const transactions = spans.map(({ offset, length }) =>
      decodeTransaction(payload.subarray(offset, offset + length)),
    );
    return { kind: 'block', ...head, spans, transactions };
  }
  const accounts = new Map<string, AccountState>(
    head.accounts.map((account: AccountJson & { address: string }) => [
      account.address,
      fromAccountJson(account),
    ]),
  );
  return { kind: 'accounts', slot: head.slot, accounts };
}

/** Kind, length of the head, head as JSON, then each body with its length before it. */
function withHead(kind: number, head: object, bodies: readonly Buffer[]): Buffer {
  const parts = [Buffer.from([kind]), ...withLength(Buffer.from(JSON.stringify(head)))];
  for (const body of bodies) parts.push(...withLength(body));
  return Buffer.concat(parts);
}

function withLength(bytes: Buffer): [Buffer, Buffer] {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}

function spansOf(payload: Buffer): Span[] {
  const spans: Span[] = [];
  let position = 5 + payload.readUInt32LE(1);
  while (position < payload.length) {
    const length = payload.readUInt32LE(position);
    spans.push({ offset: position + 4, length });
    position += 4 + length;
  }
  return spans;
}
