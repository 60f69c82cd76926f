import type { Attempt } from '../../domain/attempt.ts';
import type { Order } from '../../domain/order.ts';
import type { Signature } from '../../domain/signature.ts';
import type { Claim } from '../../ports/order-store.ts';
import { onEverySlot, repeatEvery } from '../waiting/repeat-every.ts';
import type { WatchList } from '../waiting/watch-list.ts';
import { ADOPT_AFTER_MS, adoptLanded } from './adopt-landed.ts';
import { type AttemptWatch, createAttemptWatch, notSent, type ObserverPorts } from './attempt-watch.ts';
import { blockCanceled } from './block-canceled.ts';
import { closeExpired } from './close-expired.ts';
import { type Followed, isDueAgain, sendFollowed } from './followed-attempt.ts';
import { pollLanded } from './poll-landed.ts';
import { pollOpen } from './poll-open.ts';

/**
 * Watches recorded attempts (`AttemptWatch`) by asking, each at its own pace:
 *
 * | question                                 | asked of         | how often                  |
 * |------------------------------------------|------------------|----------------------------|
 * | has it landed?                           | open             | once per slot              |
 * | must its bytes be sent again?            | open             | after each `resendMs`, more seldom while a node shows it in a block |
 * | can it still land? is it to be canceled? | open             | every `observeMs`          |
 * | is it still ours?                        | open             | thrice per lease           |
 * | is it final?                             | landed           | every `observeMs`          |
 * | does no process watch it?                | the whole store  | by the leader, each 30 s   |
 *
 * None of this takes a worker's place, and nothing but the chain's answers moves an attempt. Another process may ask the
 * same at the same time: settlement is a fact and is written once.
 */
export interface Observer {
  /** Broadcasts the recorded bytes and watches them from now on. */
  follow(attempt: Attempt, claim: Claim): Promise<void>;
  /**
   * Picks up landed attempts of earlier processes, then watches until the signal aborts. While `leads`, it also picks
   * up those that another process confirmed and did not see finalized, as it may be dead.
   */
  run(signal: AbortSignal, leads: () => boolean): Promise<void>;
  /** How many attempts are watched in each stage. */
  counts(): { readonly open: number; readonly landed: number };
  /** The orders of open attempts, as this process last read them; undefined where it has not. */
  openOrders(): readonly (Order | undefined)[];
}

const ADOPT_EVERY_MS = 30_000;

export function createObserver(ports: ObserverPorts): Observer {
  const watch = createAttemptWatch(ports);
  return {
    counts: () => ({ open: watch.open.size, landed: watch.landed.size }),
    openOrders: () => [...watch.open.values()].map(({ order }) => order),
    run: (signal, leads) => run(watch, signal, leads),
    follow: (attempt, claim) => follow(watch, attempt, claim),
  };
}

async function follow({ ports, open }: AttemptWatch, attempt: Attempt, claim: Claim): Promise<void> {
  const reach = open.get(attempt.signature)?.reach ?? 'unknown';
  const followed = {
    attempt,
    order: claim.order,
    fence: claim.fence,
    ...notSent(ports.clock.moment()),
    reach,
  };
  open.set(attempt.signature, followed);
  ports.rehearsals.noteOpen(claim.order);
  await sendFollowed(ports, followed);
}

async function run(watch: AttemptWatch, signal: AbortSignal, leads: () => boolean): Promise<void> {
  const { ports, open, landed } = watch;
  const { limits } = ports;
  const attemptTo = (what: string, step: () => Promise<void>) => repeatable(watch, what, step);
  const every = (ms: number, list: WatchList<Signature, Followed>, what: string, step: () => Promise<void>) =>
    repeatEvery(ports, signal, ms, () => attemptTo(what, step), list);

  await attemptTo('load landed attempts', () => adoptLanded(watch, 0));
  await Promise.all([
    onEverySlot(
      ports,
      signal,
      limits.observeMs,
      () => attemptTo('poll open attempts', () => pollOpen(watch)),
      open,
    ),
    every(limits.resendMs / 4, open, 'resend', () => resend(watch)),
    every(limits.observeMs, open, 'prove expiry', () => closeExpired(watch)),
    every(limits.observeMs, open, 'block canceled attempts', () => blockCanceled(watch)),
    every(limits.leaseMs / 3, open, 'renew leases', () => renewLeases(watch)),
    every(limits.observeMs, landed, 'poll landed attempts', () => pollLanded(watch)),
    repeatEvery(ports, signal, ADOPT_EVERY_MS, async () => {
      if (leads()) await attemptTo('adopt landed attempts', () => adoptLanded(watch, ADOPT_AFTER_MS));
    }),
  ]);
}

/** If a node or the store is unavailable, a later round repeats the step. */
async function repeatable({ ports }: AttemptWatch, what: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    ports.log.warn({ error, what }, 'observer step failed, retrying');
  }
}

async function resend({ ports, open, blocking }: AttemptWatch): Promise<void> {
  const due = [...open.values()].filter(
    (followed) => isDueAgain(ports, followed) && !blocking.has(followed.attempt.orderId),
  );
  await Promise.all(due.map((followed) => sendFollowed(ports, followed)));
}

async function renewLeases({ ports, open }: AttemptWatch): Promise<void> {
  const claims = [...open.values()].map(({ attempt, fence }) => ({ orderId: attempt.orderId, fence }));
  await ports.orders.renewLeases(claims, ports.limits.leaseMs);
}
