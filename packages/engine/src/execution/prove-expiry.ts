import type { Attempt } from '../domain/attempt.ts';
import type { ChainNode, SignatureStatus } from '../ports/chain.ts';
import type { World } from './world.ts';

export interface ExpiryVerdict {
  /** Can never land any more. */
  readonly expired: readonly Attempt[];
  /** Too old to land and unknown to every node, but the nodes' history is too short for that to be proof. */
  readonly unprovable: readonly Attempt[];
  /** Too old to land any more, and known to one of the nodes, by signature: the others may deny them for ever. */
  readonly known: ReadonlyMap<string, SignatureStatus>;
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
  const known = new Map<string, SignatureStatus>();
  for (const node of nodes) {
    const { absent, present, firstSlot } = await askNode(world, node, attempts);
    for (const [signature, status] of present) known.set(signature, status);
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
    known,
  };
}

const STATUS_BATCH = 256;

interface NodeAnswer {
  readonly absent: readonly Attempt[];
  readonly present: ReadonlyMap<string, SignatureStatus>;
  /** Where the node's history begins. */
  readonly firstSlot: bigint;
}

/** E1 and E2 at one node: which of the attempts that are too old it does not know, and which it does. */
async function askNode(world: World, node: ChainNode, attempts: readonly Attempt[]): Promise<NodeAnswer> {
  try {
    const { blockHeight, absoluteSlot } = await node.finalizedEpoch();
    const overdue = attempts.filter((attempt) => blockHeight > attempt.lastValidBlockHeight);
    const absent: Attempt[] = [];
    const present = new Map<string, SignatureStatus>();
    for (let start = 0; start < overdue.length; start += STATUS_BATCH) {
      const batch = overdue.slice(start, start + STATUS_BATCH);
      const signatures = batch.map(({ signature }) => signature);
      const answer = await node.signatureStatuses(signatures, { searchHistory: true });
      for (const [index, attempt] of batch.entries()) {
        const status = answer.statuses[index];
        if (status) present.set(attempt.signature, status);
        else if (answer.contextSlot >= absoluteSlot) absent.push(attempt);
      }
    }
    return { absent, present, firstSlot: absent.length > 0 ? await node.firstAvailableSlot() : 0n };
  } catch (error) {
    world.log.warn({ node: node.name, error }, 'node cannot prove expiry now');
    return { absent: [], present: new Map(), firstSlot: 0n };
  }
}
