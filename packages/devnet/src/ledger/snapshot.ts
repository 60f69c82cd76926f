import { renameSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Block } from '../chain/block.ts';
import type { ChainState } from '../chain/chain.ts';
import { Vm } from '../chain/vm.ts';
import { type AccountJson, fromAccountJson, toAccountJson } from './account-json.ts';
import { LedgerDamaged } from './ledger-damage.ts';
import { readWholeFile } from './whole-file.ts';

const MAGIC = 'oee-devnet-snapshot-1\n';

interface SnapshotJson {
  readonly slot: number;
  readonly slotMs: number;
  readonly blocks: readonly (Omit<Block, 'transactions' | 'preImages' | 'transactionCount'> & {
    /** Absent from older snapshots without a count of transactions. */
    transactionCount?: number;
    preImages: [address: string, state: AccountJson | null][];
  })[];
  /** Absent from older snapshots without forks. */
  readonly finalHeight?: number;
  readonly executedMessages: [blockhash: string, messages: string[]][];
}

/** Writes the whole chain to a file, which appears complete or not at all. */
export function writeSnapshot(path: string, vm: Vm, state: ChainState): void {
  const json: SnapshotJson = {
    slot: state.slot,
    slotMs: state.slotMs,
    finalHeight: state.finalHeight,
    blocks: state.blocks.map(({ transactions: _, preImages, ...block }) => ({
      ...block,
      preImages: [...preImages].map(([address, former]) => [address, former && toAccountJson(former)]),
    })),
    executedMessages: [...state.executedMessages].map(([hash, messages]) => [hash, [...messages]]),
  };
  const head = Buffer.from(JSON.stringify(json));
  const headLength = Buffer.alloc(4);
  headLength.writeUInt32LE(head.length);
  const content = Buffer.concat([headLength, head, vm.toBytes()]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(content));
  writeFileSync(`${path}.draft`, Buffer.concat([Buffer.from(MAGIC), checksum, content]));
  renameSync(`${path}.draft`, path);
}

/**
 * Reads a snapshot; null if it is missing.
 *
 * @throws {LedgerDamaged} The content differs from the written one.
 */
export function readSnapshot(path: string): { vm: Vm; state: ChainState } | null {
  const bytes = readWholeFile(path);
  if (bytes === null) return null;
  const start = MAGIC.length + 4;
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC)
    throw new LedgerDamaged(path, 0, 'no snapshot that this version reads begins there');
  if (bytes.length < start + 4) throw new LedgerDamaged(path, bytes.length, 'the file ends there');
  const content = bytes.subarray(start);
  if (crc32(content) !== bytes.readUInt32LE(MAGIC.length))
    throw new LedgerDamaged(path, start, 'the checksum before it is that of another content');
  const vmStart = 4 + content.readUInt32LE(0);
  const json = JSON.parse(content.subarray(4, vmStart).toString()) as SnapshotJson;
  return { vm: Vm.fromBytes(content.subarray(vmStart)), state: toState(json) };
}

function toState(json: SnapshotJson): ChainState {
  return {
    slot: json.slot,
    slotMs: json.slotMs,
    finalHeight: json.finalHeight ?? 0,
    blocks: json.blocks.map((block) => ({
      ...block,
      transactionCount: block.transactionCount ?? 0,
      transactions: [],
      preImages: new Map(
        block.preImages.map(([address, former]) => [address, former && fromAccountJson(former)]),
      ),
    })),
    executedMessages: new Map(json.executedMessages.map(([hash, messages]) => [hash, new Set(messages)])),
  };
}
