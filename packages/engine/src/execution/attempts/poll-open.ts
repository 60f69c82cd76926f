import { type Attempt, recordedAgoMs } from '../../domain/attempt.ts';
import { NEVER } from '../../domain/moment.ts';
import type { SignatureStatus } from '../../ports/chain.ts';
import { msSince } from '../../ports/clock.ts';
import { proveReverted, type ShownRevert } from '../proofs/prove-reverted.ts';
import type { AttemptWatch } from './attempt-watch.ts';
import type { Followed } from './followed-attempt.ts';
import { endDispute, noteUnproven } from './nodes-disagree.ts';
import { pollStatuses } from './poll-statuses.ts';
import { readLanding, settleLanding } from './settle-landed.ts';
import { settleReverted } from './settle-order.ts';

// A node's recent status cache covers about this long; older signatures need a search in its history.
const HISTORY_AFTER_MS = 60_000;

/** Checks once per slot whether open attempts have landed; skips attempts that are being settled. */
export async function pollOpen(watch: AttemptWatch): Promise<void> {
  const { clock } = watch.ports;
  const waiting = [...watch.open.values()].filter(({ attempt }) => !watch.settling.has(attempt.signature));
  const isOld = ({ attempt, followedAt }: Followed): boolean =>
    Math.max(recordedAgoMs(attempt, clock.now()), msSince(clock, followedAt)) >= HISTORY_AFTER_MS;
  for (const searchHistory of [false, true])
    await pollStatuses(
      watch,
      waiting.filter((one) => isOld(one) === searchHistory),
      { searchHistory, decide: (one, status) => decideOpen(watch, one, status), isPatient: false },
    );
}

/** Settles one open attempt by its status; a missing or only `processed` status settles nothing. */
export async function decideOpen(
  watch: AttemptWatch,
  followed: Followed,
  status: SignatureStatus | null,
): Promise<void> {
  const { ports } = watch;
  followed.shownAt = status ? ports.clock.moment() : NEVER;
  if (status) followed.reach = 'taken';
  if (!status || status.commitment === 'processed') return;
  const settle = status.error ? closeIfReverted : moveIfLanded;
  if (await settle(watch, followed, status)) endDispute(ports, followed);
  else await noteUnproven(ports, followed);
}

/** Whether it provably reverted. */
async function closeIfReverted(
  watch: AttemptWatch,
  { attempt }: Followed,
  status: SignatureStatus,
): Promise<boolean> {
  const revert = await proveReverted(watch.ports, attempt, status);
  if (revert) await closeReverted(watch, attempt, revert);
  return revert !== null;
}

/** Whether a node shows its fill. */
async function moveIfLanded(
  { ports, open, landed }: AttemptWatch,
  followed: Followed,
  { slot }: SignatureStatus,
): Promise<boolean> {
  const { attempt } = followed;
  const landing = await readLanding(ports, attempt, followed.order);
  if (!landing) return false;
  const settled = landing === 'alreadyKnown' ? landing : await settleLanding(ports, attempt, landing);
  const isOurs = landing !== 'alreadyKnown' && settled !== 'alreadyKnown';
  open.delete(attempt.signature);
  landed.set(attempt.signature, {
    ...followed,
    attempt: { ...attempt, state: 'landed', slot },
    isDisputed: false,
    order: settled === 'alreadyKnown' ? undefined : settled,
    landing: isOurs ? landing.shown : undefined,
  });
  return true;
}

/** Ends an open attempt that provably did nothing. */
export async function closeReverted(
  { ports, open }: AttemptWatch,
  attempt: Attempt,
  revert: ShownRevert,
): Promise<void> {
  ports.rehearsals.decided(attempt.signature, null);
  await settleReverted(ports, attempt, revert);
  open.delete(attempt.signature);
}
