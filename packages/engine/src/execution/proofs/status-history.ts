import type { Signature } from '../../domain/signature.ts';
import type { ChainNode, SignatureStatus } from '../../ports/chain.ts';
import { SIGNATURES_PER_REQUEST } from '../../ports/chain-limits.ts';
import type { FinalizedOrder } from '../../ports/order-store.ts';

export interface History {
  /** All answers are about this slot or a later one. */
  readonly contextSlot: bigint;
  /** One per signature. */
  readonly statuses: readonly (SignatureStatus | null)[];
  /** First slot of the searched history. */
  readonly firstSlot: bigint;
  /** Final orders within that history that an answer lacks: blocks are missing, although the node claims to have them. */
  readonly lost: readonly FinalizedOrder[];
}

/**
 * A node's statuses of signatures, with a search of its whole history. The start of that history is read before and after, and
 * the later slot counts: it moves while a node prunes, and may move back behind an address with several backends.
 *
 * @param final Final orders that every request includes, so that no answer from a history with a hole is believed.
 */
export async function askHistory(
  node: ChainNode,
  signatures: readonly Signature[],
  final: readonly FinalizedOrder[] = [],
): Promise<History> {
  let firstSlot = await node.firstAvailableSlot();
  const statuses: (SignatureStatus | null)[] = [];
  const missing = new Set<FinalizedOrder>();
  let contextSlot: bigint | undefined;
  const size = SIGNATURES_PER_REQUEST - final.length;
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
