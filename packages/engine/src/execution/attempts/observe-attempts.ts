import { type Attempt, recordedAgoMs } from '../../domain/attempt.ts';
import { NEVER } from '../../domain/moment.ts';
import type { SignatureStatus } from '../../ports/chain.ts';
import { msSince } from '../../ports/clock.ts';
import type { Claim } from '../../ports/order-store.ts';
import type { StoredReceipt } from '../../ports/receipt-store.ts';
import type { WithMarket } from '../market/market-watch.ts';
import { proveDropped, proveExpired } from '../proofs/prove-absence.ts';
import { proveReverted } from '../proofs/prove-reverted.ts';
import type { WithRememberedOrders } from '../proofs/remembered-orders.ts';
import { sweepDust } from '../upkeep/sweep-dust.ts';
import { onEverySlot, repeatEvery } from '../waiting/repeat-every.ts';
import type { WithWaits } from '../waiting/wait-times.ts';
import { WatchList } from '../waiting/watch-list.ts';
import { proveBlocked, sendBlockers } from './block-attempts.ts';
import { acknowledgedAmong, closeDead, type Followed, sendFollowed } from './followed-attempt.ts';
import {
  askForReview,
  settleBlocked,
  settleFinalized,
  settleLanded,
  settleReorged,
  settleReverted,
} from './settle-order.ts';

/**
 * Watches recorded attempts. An attempt is here in one of two stages:
 *
 * open    may be in flight: its bytes are sent again every `resendMs`, its status is polled once per slot, its lease
 *         is renewed. Leaves to `landed`, or out when it reverted or expired.
 * landed  confirmed but not final: polled until the block is finalized, or back to open when a fork dropped it.
 *
 * Nothing here holds a worker's slot, and nothing but the chain's answers moves an attempt. Everything may be
 * repeated by another process at the same time: settlement is a fact and is written once.
 */
export interface Observer {
  /** Broadcasts the recorded bytes and watches them from now on. */
  follow(attempt: Attempt, claim: Claim): Promise<'submitted'>;
  /**
   * Picks up landed attempts of earlier processes, then watches until the signal aborts. While `leads`, it also picks
   * up those that another process confirmed and did not see finalized, as it may be dead.
   */
  run(signal: AbortSignal, leads: () => boolean): Promise<void>;
  /** How many attempts are watched in each stage. */
  counts(): { readonly open: number; readonly landed: number };
}

// getSignatureStatuses takes at most 256 signatures.
const STATUS_BATCH = 256;
// A node's recent status cache covers about this long; older signatures need a search in its history.
const HISTORY_AFTER_MS = 60_000;
const UNFINALIZED_AT_ONCE = 100_000;
// Blocks are final some 13 s after they were made; whoever watches an attempt has seen it by then.
const ADOPT_AFTER_MS = 60_000;
const ADOPT_EVERY_MS = 30_000;

export function createObserver(ports: WithMarket & WithRememberedOrders & WithWaits): Observer {
  const { clock, limits, log, orders } = ports;
  const open = new WatchList<Followed>();
  const landed = new WatchList<Followed>();
  const settling = new Set<string>();
  /** Receipts of orders whose cancel was requested. */
  let blocking: ReadonlyMap<string, StoredReceipt> = new Map();

  const notSent = () => ({ followedAt: clock.moment(), sentAt: NEVER, reach: 'taken' as const });

  return { follow, run, counts: () => ({ open: open.size, landed: landed.size }) };

  async function follow(attempt: Attempt, claim: Claim): Promise<'submitted'> {
    const reach = open.get(attempt.signature)?.reach ?? 'unknown';
    const followed = { attempt, order: claim.order, fence: claim.fence, ...notSent(), reach };
    open.set(attempt.signature, followed);
    await sendFollowed(ports, followed);
    return 'submitted';
  }

  async function run(signal: AbortSignal, leads: () => boolean): Promise<void> {
    await attemptTo('load landed attempts', () => adoptLanded(0));
    await Promise.all([
      onEverySlot(ports, signal, limits.observeMs, () => attemptTo('poll open attempts', pollOpen), open),
      repeatEvery(ports, signal, limits.resendMs / 4, () => attemptTo('resend', resend), open),
      repeatEvery(ports, signal, limits.observeMs, closeOpen, open),
      repeatEvery(
        ports,
        signal,
        limits.observeMs,
        () => attemptTo('poll landed attempts', pollLanded),
        landed,
      ),
      repeatEvery(ports, signal, limits.leaseMs / 3, () => attemptTo('renew leases', renewLeases), open),
      repeatEvery(ports, signal, ADOPT_EVERY_MS, async () => {
        if (leads()) await attemptTo('adopt landed attempts', () => adoptLanded(ADOPT_AFTER_MS));
      }),
    ]);
  }

  async function closeOpen(): Promise<void> {
    await Promise.all([
      attemptTo('prove expiry', closeExpired),
      attemptTo('block canceled attempts', blockCanceled),
    ]);
  }

  /** A node or the store may be away; what was not done now is done in a later round. */
  async function attemptTo(what: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      log.warn({ error, what }, 'observer step failed, it will be repeated');
    }
  }

  async function adoptLanded(minAgeMs: number): Promise<void> {
    for (const attempt of await orders.unfinalizedAttempts(UNFINALIZED_AT_ONCE))
      if (recordedAgoMs(attempt, clock.now()) >= minAgeMs && !landed.has(attempt.signature))
        landed.set(attempt.signature, { attempt, order: undefined, fence: 0, ...notSent() });
  }

  /** Settling takes a commit; the next poll does not wait for it, but leaves alone what is being settled. */
  async function pollOpen(): Promise<void> {
    const waiting = [...open.values()].filter(({ attempt }) => !settling.has(attempt.signature));
    const isOld = ({ attempt, followedAt }: Followed): boolean =>
      Math.max(recordedAgoMs(attempt, clock.now()), msSince(clock, followedAt)) >= HISTORY_AFTER_MS;
    for (const searchHistory of [false, true])
      await poll(
        waiting.filter((one) => isOld(one) === searchHistory),
        { searchHistory, decide: decideOpen, isPatient: false },
      );
  }

  async function pollLanded(): Promise<void> {
    const { absoluteSlot } = await ports.chain.anyNode.finalizedEpoch();
    // A slot that a node told wrongly must not keep an attempt from ever being looked at.
    const old = clock.now() - ADOPT_AFTER_MS;
    const due = [...landed.values()].filter(
      ({ attempt }) =>
        ((attempt.slot ?? 0n) <= absoluteSlot || attempt.recordedAtMs <= old) &&
        !settling.has(attempt.signature),
    );
    const missing: Followed[] = [];
    const decide = async (followed: Followed, status: SignatureStatus | null): Promise<void> => {
      if (status) await decideLanded(followed, status);
      else missing.push(followed);
    };
    // Nobody waits for these, and many become due at once: the store gets some at a time, between what others wait for.
    await poll(due, { searchHistory: true, decide, isPatient: true });
    if (missing.length > 0) await decideMissing(missing);
  }

  /** Asks for the statuses batch by batch; a patient one lets each batch be settled before it asks for the next. */
  async function poll(
    followed: readonly Followed[],
    how: {
      readonly searchHistory: boolean;
      readonly decide: (one: Followed, status: SignatureStatus | null) => Promise<void>;
      readonly isPatient: boolean;
    },
  ): Promise<void> {
    const { searchHistory, decide, isPatient } = how;
    for (let start = 0; start < followed.length; start += STATUS_BATCH) {
      const batch = followed.slice(start, start + STATUS_BATCH);
      const signatures = batch.map(({ attempt }) => attempt.signature);
      const answer = await ports.chain.anyNode.signatureStatuses(signatures, { searchHistory });
      const decisions = batch.map((one, index) => {
        const { signature } = one.attempt;
        settling.add(signature);
        return decide(one, answer.statuses[index] ?? null)
          .catch(report(one))
          .then(() => settling.delete(signature));
      });
      if (isPatient) await Promise.all(decisions);
    }
  }

  function report({ attempt }: Followed): (error: unknown) => void {
    const { orderId, signature } = attempt;
    return (error) => log.warn({ error, orderId, signature }, 'settlement will be repeated');
  }

  async function decideOpen(followed: Followed, status: SignatureStatus | null): Promise<void> {
    const { attempt } = followed;
    if (status) followed.reach = 'taken';
    if (!status || status.commitment === 'processed') return;
    if (status.error) {
      if (!(await proveReverted(ports, attempt, status))) return;
      await settleReverted(ports, attempt, status);
      open.delete(attempt.signature);
      return;
    }
    const settled = await settleLanded(ports, attempt, followed.order);
    if (!settled) return;
    open.delete(attempt.signature);
    landed.set(attempt.signature, {
      ...followed,
      attempt: { ...attempt, state: 'landed', slot: status.slot },
      order: settled === 'alreadyKnown' ? undefined : settled,
    });
  }

  async function decideLanded(followed: Followed, status: SignatureStatus): Promise<void> {
    const { attempt, order } = followed;
    if (status.commitment !== 'finalized') return;
    if (status.error) {
      // A fork dropped it; it ran again and reverted.
      if (await proveReverted(ports, attempt, status)) await reopen(followed);
      return;
    }
    const finalized = await settleFinalized(ports, attempt, order);
    if (finalized) landed.delete(attempt.signature);
    if (finalized && finalized !== 'alreadyKnown') await sweepDust(ports, finalized);
  }

  /** One node does not know them. That alone proves nothing: it may be behind, wrong, or have forgotten. */
  async function decideMissing(missing: readonly Followed[]): Promise<void> {
    const attempts = missing.map(({ attempt }) => attempt);
    const { absent, unprovable, known } = await proveDropped(ports, attempts);
    for (const followed of missing) {
      const { orderId, signature } = followed.attempt;
      const status = known.get(signature);
      if (status) await decideLanded(followed, status);
      else if (absent.includes(followed.attempt)) await reopen(followed);
      else if (unprovable.includes(followed.attempt)) {
        log.error({ orderId, signature }, 'history purged before finality was read');
        landed.delete(signature);
      }
    }
  }

  async function reopen({ attempt, fence }: Followed): Promise<void> {
    await settleReorged(ports, attempt);
    landed.delete(attempt.signature);
    open.set(attempt.signature, {
      attempt: { ...attempt, state: 'open', slot: null },
      order: undefined,
      fence,
      ...notSent(),
    });
  }

  async function resend(): Promise<void> {
    const due = [...open.values()].filter(
      ({ attempt, sentAt }) => msSince(clock, sentAt) >= limits.resendMs && !blocking.has(attempt.orderId),
    );
    await Promise.all(due.map((followed) => sendFollowed(ports, followed)));
  }

  async function closeExpired(): Promise<void> {
    const asked = [...open.values()];
    const noteTaken = acknowledgedAmong(asked);
    const { absent, unprovable, known, early } = await proveExpired(
      ports,
      asked.map(({ attempt }) => attempt),
    );
    noteTaken(early);
    for (const [signature, status] of known) {
      const followed = open.get(signature);
      if (followed && !settling.has(signature)) await decideOpen(followed, status);
    }
    for (const { signature } of absent) {
      const followed = open.get(signature);
      if (followed) await closeDead(ports, followed);
      open.delete(signature);
    }
    for (const attempt of unprovable)
      if ((await askForReview(ports, attempt)) === 'alreadyKnown') open.delete(attempt.signature);
  }

  /** A strict order whose cancel was requested: its swap is no longer helped along, and its receipt is taken away. */
  async function blockCanceled(): Promise<void> {
    const strict = [...open.values()].filter(({ order }) => order?.request.executionGuard !== 'protocol');
    const receipts =
      strict.length === 0 ? [] : await orders.receiptsToBlock(strict.map(({ attempt }) => attempt.orderId));
    blocking = new Map(receipts.map((receipt) => [receipt.orderId, receipt]));
    if (receipts.length === 0) return;
    await sendBlockers(ports, receipts);
    const candidates = strict.flatMap(({ attempt }) => {
      const receipt = blocking.get(attempt.orderId);
      return receipt?.attemptNumber === attempt.attemptNumber ? [{ attempt, receipt }] : [];
    });
    for (const attempt of await proveBlocked(ports, candidates)) {
      await settleBlocked(ports, attempt);
      open.delete(attempt.signature);
    }
  }

  async function renewLeases(): Promise<void> {
    const claims = [...open.values()].map(({ attempt, fence }) => ({ orderId: attempt.orderId, fence }));
    await orders.renewLeases(claims, limits.leaseMs);
  }
}
