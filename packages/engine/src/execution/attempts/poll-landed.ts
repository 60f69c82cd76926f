import type { SignatureStatus } from '../../ports/chain.ts';
import { proveDropped } from '../proofs/prove-absence.ts';
import { proveReverted } from '../proofs/prove-reverted.ts';
import { sweepDust } from '../upkeep/sweep-dust.ts';
import { ADOPT_AFTER_MS } from './adopt-landed.ts';
import { type AttemptWatch, notSent } from './attempt-watch.ts';
import type { Followed } from './followed-attempt.ts';
import { pollStatuses } from './poll-statuses.ts';
import { settleFinalized, settleReorged } from './settle-order.ts';

/** Are landed attempts final, or has a fork dropped them? Asked of those whose slot a node calls finalized. */
export async function pollLanded(watch: AttemptWatch): Promise<void> {
  const { chain, clock } = watch.ports;
  const { absoluteSlot } = await chain.anyNode.finalizedEpoch();
  // A slot that a node told wrongly must not keep an attempt from ever being looked at.
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
  // No client waits for these, and many become due at once: the store gets some at a time, between what clients wait for.
  await pollStatuses(watch, due, { searchHistory: true, decide, isPatient: true });
  if (missing.length > 0) await decideMissing(watch, missing);
}

async function decideLanded(watch: AttemptWatch, followed: Followed, status: SignatureStatus): Promise<void> {
  const { ports, landed } = watch;
  const { attempt, order } = followed;
  if (status.commitment !== 'finalized') return;
  if (status.error) {
    // A fork dropped it; it ran again and reverted.
    if (await proveReverted(ports, attempt, status)) await reopen(watch, followed);
    return;
  }
  const finalized = await settleFinalized(ports, attempt, order);
  if (finalized) landed.delete(attempt.signature);
  if (finalized && finalized !== 'alreadyKnown') await sweepDust(ports, finalized);
}

/** One node does not know them. That alone proves nothing: it may be behind, wrong, or have forgotten. */
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

/** The fork's attempt is open again: the same bytes may land once more, and are sent once more. */
async function reopen({ ports, open, landed }: AttemptWatch, { attempt, fence }: Followed): Promise<void> {
  await settleReorged(ports, attempt);
  landed.delete(attempt.signature);
  open.set(attempt.signature, {
    attempt: { ...attempt, state: 'open', slot: null },
    order: undefined,
    fence,
    ...notSent(ports.clock.moment()),
  });
}
