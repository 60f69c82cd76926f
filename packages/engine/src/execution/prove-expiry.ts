import type { Attempt } from '../domain/attempt.ts';
import type { ChainNode } from '../ports/chain.ts';
import type { World } from './world.ts';

/**
 * Which of these open attempts can never land any more, by rule E:
 * E1 a node's finalized block height is past the attempt's last valid height, at an absolute slot;
 * E2 asked afterwards, with history, the same node does not know the signature at that slot or later;
 * E3 that node's history reaches back to the slot of signing;
 * E4 where there are two or more nodes, a second one says the same.
 * Any error is no answer. No wall clock, no blockhash query and no send error takes part.
 */
export async function proveExpired(world: World, attempts: readonly Attempt[]): Promise<readonly Attempt[]> {
  const { nodes } = world.chain;
  const needed = Math.min(nodes.length, 2);
  const votes = new Map<string, number>();
  for (const node of nodes) {
    for (const attempt of await expiredAt(world, node, attempts))
      votes.set(attempt.signature, (votes.get(attempt.signature) ?? 0) + 1);
  }
  return attempts.filter(({ signature }) => (votes.get(signature) ?? 0) >= needed);
}

const STATUS_BATCH = 256;

async function expiredAt(
  world: World,
  node: ChainNode,
  attempts: readonly Attempt[],
): Promise<readonly Attempt[]> {
  try {
    const { blockHeight, absoluteSlot } = await node.finalizedEpoch();
    const overdue = attempts.filter((attempt) => blockHeight > attempt.lastValidBlockHeight);
    const absent: Attempt[] = [];
    for (let start = 0; start < overdue.length; start += STATUS_BATCH) {
      const batch = overdue.slice(start, start + STATUS_BATCH);
      const signatures = batch.map(({ signature }) => signature);
      const answer = await node.signatureStatuses(signatures, { searchHistory: true });
      if (answer.contextSlot < absoluteSlot) continue;
      absent.push(...batch.filter((_, index) => answer.statuses[index] === null));
    }
    if (absent.length === 0) return [];
    const firstSlot = await node.firstAvailableSlot();
    const proven = absent.filter((attempt) => firstSlot <= attempt.signingSlot);
    for (const { orderId, signature } of absent.filter((attempt) => !proven.includes(attempt)))
      world.log.error(
        { orderId, signature, node: node.name, firstSlot },
        'history purged, the order needs review',
      );
    return proven;
  } catch (error) {
    world.log.warn({ node: node.name, error }, 'node cannot prove expiry now');
    return [];
  }
}
