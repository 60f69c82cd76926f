import type { ChainNode, SignatureStatus } from '../../ports/chain.ts';
import type { FinalizedOrder } from '../../ports/order-store.ts';

// getSignatureStatuses takes at most 256 signatures.
const STATUS_BATCH = 256;

export interface History {
  /** All answers are about this slot or a later one. */
  readonly contextSlot: bigint;
  /** One per signature. */
  readonly statuses: readonly (SignatureStatus | null)[];
  /** Where the history begins that they were looked for in. */
  readonly firstSlot: bigint;
  /** Final orders within that history which an answer does not show: blocks are missing from it, whatever the node says. */
  readonly lost: readonly FinalizedOrder[];
}

/**
 * What a node knows of signatures, all of its history searched. Where that begins is asked before and after, and the
 * later slot counts: it moves on while a node forgets, and it may come back behind an address with several backends.
 *
 * @param final Asked for in each question together with the signatures, so that no answer is believed of a history with a hole.
 */
export async function askHistory(
  node: ChainNode,
  signatures: readonly string[],
  final: readonly FinalizedOrder[] = [],
): Promise<History> {
  let firstSlot = await node.firstAvailableSlot();
  const statuses: (SignatureStatus | null)[] = [];
  const missing = new Set<FinalizedOrder>();
  let contextSlot: bigint | undefined;
  const size = STATUS_BATCH - final.length;
  for (let start = 0; start < signatures.length; start += size) {
    const batch = signatures.slice(start, start + size);
    const asked = [...batch, ...final.map(({ signature }) => signature)];
    const answer = await node.signatureStatuses(asked, { searchHistory: true });
    statuses.push(...batch.map((_, index) => answer.statuses[index] ?? null));
    for (const [index, order] of final.entries())
      if (!answer.statuses[batch.length + index]) missing.add(order);
    if (contextSlot === undefined || answer.contextSlot < contextSlot) contextSlot = answer.contextSlot;
  }
  const firstAfter = await node.firstAvailableSlot();
  if (firstAfter > firstSlot) firstSlot = firstAfter;
  const lost = [...missing].filter(({ slot }) => slot >= firstSlot);
  return { contextSlot: contextSlot ?? 0n, statuses, firstSlot, lost };
}
