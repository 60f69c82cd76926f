import type { ChainNode, SignatureStatus } from '../ports/chain.ts';

// getSignatureStatuses takes at most 256 signatures.
const STATUS_BATCH = 256;

export interface History {
  /** All answers are about this slot or a later one. */
  readonly contextSlot: bigint;
  /** One per signature. */
  readonly statuses: readonly (SignatureStatus | null)[];
  /** Where the history begins that they were looked for in. */
  readonly firstSlot: bigint;
}

/**
 * What a node knows of signatures, all of its history searched. Where that begins is asked before and after, and the
 * later slot counts: it moves on while a node forgets, and it may come back behind an address with several backends.
 */
export async function askHistory(node: ChainNode, signatures: readonly string[]): Promise<History> {
  let firstSlot = await node.firstAvailableSlot();
  const statuses: (SignatureStatus | null)[] = [];
  let contextSlot: bigint | undefined;
  for (let start = 0; start < signatures.length; start += STATUS_BATCH) {
    const batch = signatures.slice(start, start + STATUS_BATCH);
    const answer = await node.signatureStatuses(batch, { searchHistory: true });
    statuses.push(...batch.map((_, index) => answer.statuses[index] ?? null));
    if (contextSlot === undefined || answer.contextSlot < contextSlot) contextSlot = answer.contextSlot;
  }
  const firstAfter = await node.firstAvailableSlot();
  if (firstAfter > firstSlot) firstSlot = firstAfter;
  return { contextSlot: contextSlot ?? 0n, statuses, firstSlot };
}
