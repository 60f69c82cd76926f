import type { Attempt } from '../../domain/attempt.ts';
import type { Signature } from '../../domain/signature.ts';
import type { ChainNode, SignatureStatus } from '../../ports/chain.ts';
import type { WithRememberedOrders } from './remembered-orders.ts';
import { askHistory } from './status-history.ts';

export interface AbsenceVerdict {
  /** Not in the chain, and never again. */
  readonly absent: readonly Attempt[];
  /** Unknown to every node, but the nodes' history is too short for that to be proof. */
  readonly unprovable: readonly Attempt[];
  /** Known to one of the nodes, by signature; the other nodes may deny them for ever. */
  readonly known: ReadonlyMap<Signature, SignatureStatus>;
  /** Too early: at the final block of a node that answered, these could still land. */
  readonly early: ReadonlySet<Attempt>;
}

/**
 * Which of these open attempts can never land any more, by rule E:
 * E1 a node's finalized block height is past the attempt's last valid height, at an absolute slot;
 * E2 asked afterwards, with history, the same node does not know the signature at that slot or later;
 * E3 that node's history reaches back to the slot of signing, before E2 and after it;
 * E4 where there are two or more nodes, a second one says the same;
 * E5 each answer to E2 shows the newest orders that were final as well, as far as that history reaches: it has no hole.
 * Any error is no answer. No wall clock, no blockhash query and no send error takes part.
 */
export const proveExpired = (
  ports: WithRememberedOrders,
  attempts: readonly Attempt[],
): Promise<AbsenceVerdict> =>
  proveAbsent(
    ports,
    attempts,
    ({ lastValidBlockHeight }, { blockHeight }) => blockHeight > lastValidBlockHeight,
  );

/**
 * Which of these landed attempts a fork dropped. The evidence is that of rule E; only E1 differs: the slot in which the
 * attempt landed is final by now.
 */
export const proveDropped = (
  ports: WithRememberedOrders,
  attempts: readonly Attempt[],
): Promise<AbsenceVerdict> =>
  proveAbsent(ports, attempts, ({ slot }, { absoluteSlot }) => slot !== null && slot <= absoluteSlot);

type FinalizedEpoch = Awaited<ReturnType<ChainNode['finalizedEpoch']>>;
type IsDue = (attempt: Attempt, epoch: FinalizedEpoch) => boolean;

async function proveAbsent(
  ports: WithRememberedOrders,
  attempts: readonly Attempt[],
  isDue: IsDue,
): Promise<AbsenceVerdict> {
  const { nodes } = ports.chain;
  const needed = Math.min(nodes.length, 2);
  const absences = new Map<Signature, number>();
  const proofs = new Map<Signature, number>();
  const known = new Map<Signature, SignatureStatus>();
  const early = new Set<Attempt>();
  for (const node of nodes) {
    const { notDue, absent, present, firstSlot } = await askNode(ports, node, attempts, isDue);
    for (const attempt of notDue) early.add(attempt);
    for (const [signature, status] of present) known.set(signature, status);
    for (const { signature, signingSlot } of absent) {
      absences.set(signature, (absences.get(signature) ?? 0) + 1);
      if (firstSlot <= signingSlot) proofs.set(signature, (proofs.get(signature) ?? 0) + 1);
    }
  }
  const isProven = ({ signature }: Attempt): boolean => (proofs.get(signature) ?? 0) >= needed;
  const isAbsentEverywhere = ({ signature }: Attempt): boolean => absences.get(signature) === nodes.length;
  return {
    absent: attempts.filter(isProven),
    unprovable: attempts.filter((attempt) => !isProven(attempt) && isAbsentEverywhere(attempt)),
    known,
    early,
  };
}

interface NodeAnswer {
  readonly notDue: readonly Attempt[];
  readonly absent: readonly Attempt[];
  readonly present: ReadonlyMap<Signature, SignatureStatus>;
  /** Where the node's history begins. */
  readonly firstSlot: bigint;
}

const NO_STATUSES: ReadonlyMap<Signature, SignatureStatus> = new Map();
const NOTHING: NodeAnswer = { notDue: [], absent: [], present: NO_STATUSES, firstSlot: 0n };

/** E1, E2 and E5 at one node: which of the attempts that are due it does not know, and which it does. */
async function askNode(
  ports: WithRememberedOrders,
  node: ChainNode,
  attempts: readonly Attempt[],
  isDue: IsDue,
): Promise<NodeAnswer> {
  try {
    const epoch = await node.finalizedEpoch();
    const due: Attempt[] = [];
    const notDue: Attempt[] = [];
    for (const attempt of attempts) (isDue(attempt, epoch) ? due : notDue).push(attempt);
    if (due.length === 0) return { ...NOTHING, notDue };
    const history = await askHistory(
      node,
      due.map(({ signature }) => signature),
      await ports.remembered.newest(),
    );
    const hasHole = history.lost.length > 0;
    if (hasHole) void ports.remembered.look(); // The check logs it, and stops signing if no node shows them.
    const absent: Attempt[] = [];
    const present = new Map<Signature, SignatureStatus>();
    for (const [index, attempt] of due.entries()) {
      const status = history.statuses[index];
      if (status) present.set(attempt.signature, status);
      else if (!hasHole && history.contextSlot >= epoch.absoluteSlot) absent.push(attempt);
    }
    return { notDue, absent, present, firstSlot: history.firstSlot };
  } catch (error) {
    ports.log.warn({ node: node.name, error }, 'node cannot prove absence now');
    return NOTHING;
  }
}
