import { createHash } from 'node:crypto';
import { encodeBase58 } from '@oee/amm';
import { tryDecodeBase58 } from '@oee/solana';

/** Slots of an epoch, as on mainnet. */
export const SLOTS_PER_EPOCH = 432_000;
/** Of 256 slots, how many pass without a block. It keeps slot and block height apart, as on mainnet. */
const SKIPPED_OF_256 = 8;

/** Whether a slot passes without a block. The same chain always skips the same slots. */
export function isSlotSkipped(genesisHash: string, slot: number): boolean {
  return createHash('sha256').update(`skip ${genesisHash} ${slot}`).digest()[0]! < SKIPPED_OF_256;
}

/** A block's hash: it commits to its parent, its slot and what was executed in it, with which outcome. */
export function computeBlockhash(block: {
  parentHash: string;
  slot: number;
  transactions: readonly { signature: string; error: unknown }[];
}): string {
  const hash = createHash('sha256').update(tryDecodeBase58(block.parentHash) ?? '');
  hash.update(`slot ${block.slot}`);
  for (const { signature, error } of block.transactions) hash.update(`${signature}${JSON.stringify(error)}`);
  return encodeBase58(hash.digest());
}
