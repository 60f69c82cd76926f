import type { Attempt } from '../domain/attempt.ts';
import type { ChainNode } from '../ports/chain.ts';
import type { World } from './world.ts';

export interface ExpiryVerdict {
  /** Can never land any more. */
  readonly expired: readonly Attempt[];
  /** Too old to land and unknown to every node, but the nodes' history is too short for that to be proof. */
  readonly unprovable: readonly Attempt[];
}

/**
 * Which of these open attempts can never land any more, by rule E:
 * E1 a node's finalized block height is past the attempt's last valid height, at an absolute slot;
 * E2 asked afterwards, with history, the same node does not know the signature at that slot or later;
 * E3 that node's history reaches back to the slot of signing;
 * E4 where there are two or more nodes, a second one says the same.
 * Any error is no answer. No wall clock, no blockhash query and no send error takes part.
 */
export async function proveExpired(world: World, attempts: readonly Attempt[]): Promise<ExpiryVerdict> {
  const { nodes } = world.chain;
  const needed = Math.min(nodes.length, 2);
  const absences = new Map<string, number>();
  const proofs = new Map<string, number>();
  for (const node of nodes) {
    const { absent, firstSlot } = await absentAt(world, node, attempts);
    for (const { signature, signingSlot } of absent) {
      absences.set(signature, (absences.get(signature) ?? 0) + 1);
      if (firstSlot <= signingSlot) proofs.set(signature, (proofs.get(signature) ?? 0) + 1);
    }
  }
  const isExpired = ({ signature }: Attempt): boolean => (proofs.get(signature) ?? 0) >= needed;
  const isAbsentEverywhere = ({ signature }: Attempt): boolean => absences.get(signature) === nodes.length;
  return {
    expired: attempts.filter(isExpired),
    unprovable: attempts.filter((attempt) => !isExpired(attempt) && isAbsentEverywhere(attempt)),
  };
}

const STATUS_BATCH = 256;

/** E1 and E2 at one node, and where its history begins. */
async function absentAt(
  world: World,
  node: ChainNode,
  attempts: readonly Attempt[],
): Promise<{ readonly absent: readonly Attempt[]; readonly firstSlot: bigint }> {
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
    return { absent, firstSlot: absent.length > 0 ? await node.firstAvailableSlot() : 0n };
  } catch (error) {
    world.log.warn({ node: node.name, error }, 'node cannot prove expiry now');
    return { absent: [], firstSlot: 0n };
  }
}
