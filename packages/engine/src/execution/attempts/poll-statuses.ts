import type { SignatureStatus } from '../../ports/chain.ts';
import { SIGNATURES_PER_REQUEST } from '../../ports/chain-limits.ts';
import type { AttemptWatch } from './attempt-watch.ts';
import type { Followed } from './followed-attempt.ts';
import { NodesDisagree, noteDispute } from './nodes-disagree.ts';

/** @param node Name of the node that tells the status. */
export type Decide = (one: Followed, status: SignatureStatus | null, node: string) => Promise<void>;

/**
 * Asks a node for the statuses batch by batch, and decides each attempt by its own.
 *
 * @param how.searchHistory Whether the node looks beyond its recent status cache.
 * @param how.isPatient Lets each batch be settled before the next is asked for; otherwise settlement, which takes a commit,
 *   goes on by itself.
 */
export async function pollStatuses(
  watch: AttemptWatch,
  followed: readonly Followed[],
  how: { readonly searchHistory: boolean; readonly decide: Decide; readonly isPatient: boolean },
): Promise<void> {
  const { searchHistory, decide, isPatient } = how;
  for (let start = 0; start < followed.length; start += SIGNATURES_PER_REQUEST) {
    const batch = followed.slice(start, start + SIGNATURES_PER_REQUEST);
    const signatures = batch.map(({ attempt }) => attempt.signature);
    const { node, answer } = await watch.ports.chain.askAny((one) =>
      one.signatureStatuses(signatures, { searchHistory }),
    );
    const decisions = batch.map((one, index) =>
      settleApart(watch, one, () => decide(one, answer.statuses[index] ?? null, node.name)),
    );
    if (isPatient) await Promise.all(decisions);
  }
}

/** If the settlement of one attempt fails, a later round repeats it; the other attempts do not wait for it. */
export async function settleApart(
  { ports, settling }: AttemptWatch,
  followed: Followed,
  settle: () => Promise<void>,
): Promise<void> {
  const { orderId, signature } = followed.attempt;
  settling.add(signature);
  try {
    await settle();
  } catch (error) {
    if (error instanceof NodesDisagree) noteDispute(ports, followed, error);
    else ports.log.warn({ error, orderId, signature }, 'settlement failed, retrying');
  } finally {
    settling.delete(signature);
  }
}
