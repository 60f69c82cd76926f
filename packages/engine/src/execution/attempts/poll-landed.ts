import type { SignatureStatus } from '../../ports/chain.ts';
import { msSince } from '../../ports/clock.ts';
import { proveDropped } from '../proofs/prove-absence.ts';
import { findRevert } from '../proofs/prove-reverted.ts';
import { sweepDust } from '../upkeep/sweep-dust.ts';
import { ADOPT_AFTER_MS } from './adopt-landed.ts';
import { type AttemptWatch, notSent } from './attempt-watch.ts';
import type { Followed } from './followed-attempt.ts';
import { endDispute, noteUnproven } from './nodes-disagree.ts';
import { closeReverted } from './poll-open.ts';
import { type Decide, pollStatuses, settleApart } from './poll-statuses.ts';
import { settleFinalized } from './settle-landed.ts';
import { settleReorged } from './settle-order.ts';

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
  const decide: Decide = async (followed, status, node) => {
    if (status) await decideLanded(watch, followed, status, node);
    else missing.push(followed);
  };
  // No client waits for these, and many become due at once: write them in small batches between the clients' writes.
  await pollStatuses(watch, due, { searchHistory: true, decide, isPatient: true });
  if (missing.length > 0) await decideMissing(watch, missing);
}

/** @param finalBy Name of the node that tells the status, if it is known. */
async function decideLanded(
  watch: AttemptWatch,
  followed: Followed,
  status: SignatureStatus,
  finalBy?: string,
): Promise<void> {
  const { ports, landed } = watch;
  const { attempt, order, landing, followedAt } = followed;
  if (status.commitment !== 'finalized') return;
  const watchedMs = msSince(ports.clock, followedAt);
  const finalized = status.error
    ? 'reverted'
    : await settleFinalized(ports, attempt, { order, landing, finalBy, watchedMs });
  if (finalized === null) return;
  if (finalized === 'reverted') return void (await undoLanding(watch, followed));
  landed.delete(attempt.signature);
  endDispute(ports, followed);
  if (finalized !== 'alreadyKnown') await sweepDust(ports, finalized);
}

/**
 * An attempt that nodes show with an error at `finalized`: a fork dropped the block and the transaction ran again, or
 * the node that showed it as landed was wrong. Closed at once where that is proven, so that a wrong node cannot confirm it again.
 */
async function undoLanding(watch: AttemptWatch, followed: Followed): Promise<void> {
  const revert = await findRevert(watch.ports, followed.attempt);
  if (!revert) return noteUnproven(watch.ports, followed);
  endDispute(watch.ports, followed);
  await reopen(watch, followed);
  await closeReverted(watch, followed.attempt, revert);
}

/** Attempts that one node does not know. That proves nothing: the node may be behind, wrong, or have pruned its history. */
async function decideMissing(watch: AttemptWatch, missing: readonly Followed[]): Promise<void> {
  const { ports, landed } = watch;
  const attempts = missing.map(({ attempt }) => attempt);
  const { absent, unprovable, known } = await proveDropped(ports, attempts);
  for (const followed of missing) {
    const { orderId, signature } = followed.attempt;
    const status = known.get(signature);
    if (status) await settleApart(watch, followed, () => decideLanded(watch, followed, status));
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
