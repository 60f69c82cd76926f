import type { SignatureStatus } from '../../ports/chain.ts';
import { proveDropped } from '../proofs/prove-absence.ts';
import { proveReverted } from '../proofs/prove-reverted.ts';
import { sweepDust } from '../upkeep/sweep-dust.ts';
import { ADOPT_AFTER_MS } from './adopt-landed.ts';
import { type AttemptWatch, notSent } from './attempt-watch.ts';
import type { Followed } from './followed-attempt.ts';
import { pollStatuses } from './poll-statuses.ts';
import { settleFinalized, settleReorged } from './settle-order.ts';

/** Checks whether landed attempts are final or were dropped by a fork, once a node calls their slot finalized. */
export async function pollLanded(watch: AttemptWatch): Promise<void> {
  const { chain, clock } = watch.ports;
  const { absoluteSlot } = await chain.anyNode.finalizedEpoch();
  // A wrong slot from a node must not prevent the check of an attempt for ever.
  const old = clock.now() - ADOPT_AFTER_MS;
  const due = [...watch.landed.values()].filter(
    ({ attempt }) =>
      ((attempt.slot ?? 0n) <= absoluteSlot || attempt.recordedAtMs <= old) &&
      !watch.settling.has(attempt.signature),
  );
  const missing: Followed[] = [];
  const decide = async (followed: Followed, status: SignatureStatus | null): Promise<void> => {
    if (status) await decideLanded(watch, followed, status);
    else missing.push(followed);
  };
  // No client waits for these, and many become due at once: write them in small batches between the clients' writes.
  await pollStatuses(watch, due, { searchHistory: true, decide, isPatient: true });
  if (missing.length > 0) await decideMissing(watch, missing);
}

async function decideLanded(watch: AttemptWatch, followed: Followed, status: SignatureStatus): Promise<void> {
  const { ports, landed } = watch;
  const { attempt, order } = followed;
  if (status.commitment !== 'finalized') return;
  if (status.error) {
    // A fork dropped the block; the transaction ran again and reverted.
    if (await proveReverted(ports, attempt, status)) await reopen(watch, followed);
    return;
  }
  const finalized = await settleFinalized(ports, attempt, order);
  if (finalized) landed.delete(attempt.signature);
  if (finalized && finalized !== 'alreadyKnown') await sweepDust(ports, finalized);
}

/** Attempts that one node does not know. That proves nothing: the node may be behind, wrong, or have pruned its history. */
async function decideMissing(watch: AttemptWatch, missing: readonly Followed[]): Promise<void> {
  const { ports, landed } = watch;
  const attempts = missing.map(({ attempt }) => attempt);
  const { absent, unprovable, known } = await proveDropped(ports, attempts);
  for (const followed of missing) {
    const { orderId, signature } = followed.attempt;
    const status = known.get(signature);
    if (status) await decideLanded(watch, followed, status);
    else if (absent.includes(followed.attempt)) await reopen(watch, followed);
    else if (unprovable.includes(followed.attempt)) {
      ports.log.error({ orderId, signature }, 'history purged before finality was read');
      landed.delete(signature);
    }
  }
}

/** Reopens an attempt after a fork: its bytes may land again, and the observer sends them again. */
async function reopen({ ports, open, landed }: AttemptWatch, { attempt, fence }: Followed): Promise<void> {
  await settleReorged(ports, attempt);
  landed.delete(attempt.signature);
  ports.rehearsals.noteOpen(undefined);
  open.set(attempt.signature, {
    attempt: { ...attempt, state: 'open', slot: null },
    order: undefined,
    fence,
    ...notSent(ports.clock.moment()),
  });
}
