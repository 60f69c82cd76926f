import { proveExpired } from '../proofs/prove-absence.ts';
import type { AttemptWatch } from './attempt-watch.ts';
import { acknowledgedAmong, closeDead } from './followed-attempt.ts';
import { decideOpen } from './poll-open.ts';
import { settleApart } from './poll-statuses.ts';
import { askForReview } from './settle-order.ts';

/**
 * Can open attempts still land? One that provably cannot is closed; one whose status turned up meanwhile is decided by it;
 * an attempt whose outcome no node's history can prove needs a review.
 */
export async function closeExpired(watch: AttemptWatch): Promise<void> {
  const { ports, open, settling } = watch;
  const asked = [...open.values()];
  const noteTaken = acknowledgedAmong(asked);
  const { absent, unprovable, known, early } = await proveExpired(
    ports,
    asked.map(({ attempt }) => attempt),
  );
  noteTaken(early);
  for (const [signature, status] of known) {
    const followed = open.get(signature);
    if (followed && !settling.has(signature))
      await settleApart(watch, followed, () => decideOpen(watch, followed, status));
  }
  for (const { signature } of absent) {
    const followed = open.get(signature);
    if (followed) await closeDead(ports, followed);
    open.delete(signature);
  }
  for (const attempt of unprovable)
    if ((await askForReview(ports, attempt)) === 'alreadyKnown') open.delete(attempt.signature);
}
