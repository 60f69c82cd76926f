import type { Attempt } from '../../domain/attempt.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import { checkChange } from '../../domain/order-change.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { isTerminal } from '../../domain/order-status.ts';
import { mayRecord } from '../../domain/transitions.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  type ClaimOutcome,
  FARTHEST_MS,
  type OrderFilter,
  type OrderStore,
  type SubmissionKeys,
  type SubmitOutcome,
  type Transition,
  type TransitionOutcome,
  WAITING_REST_MS,
} from '../../ports/order-store.ts';
import { createAccountStreams } from './account-streams.ts';
import { frozenCopy } from './frozen-copy.ts';
import { changedAttempts } from './order-store-attempts.ts';
import { createMemoryReceiptStore } from './receipt-store.ts';

/** What the store knows of one order. Values inside are frozen and replaced, never changed. */
interface Entry {
  order: Order;
  readonly fingerprint: string;
  readonly events: OrderEvent[];
  attempts: readonly Attempt[];
  fence: number;
  /** Null without a lease. */
  leaseUntilMs: number | null;
  /** Null when terminal. */
  dueAtMs: number | null;
}

/** An order store in the memory of this process: for tests and the simulation. It keeps nothing after the process. */
export function createMemoryOrderStore({ clock }: { clock: Pick<Clock, 'now'> }): OrderStore {
  const entries = new Map<OrderId, Entry>();
  const byIdempotencyKey = new Map<string, Entry>();
  const byClientOrderId = new Map<string, Entry>();
  const signatures = new Set<string>();
  const { keep, ...receipts } = createMemoryReceiptStore(clock, (orderId) => entries.get(orderId)?.order);
  const { append, ...streams } = createAccountStreams();

  const isFar = (timeMs: number): boolean => timeMs > clock.now() + FARTHEST_MS;
  const hasLiveLease = ({ leaseUntilMs }: Entry): boolean =>
    leaseUntilMs !== null && leaseUntilMs > clock.now() && !isFar(leaseUntilMs);
  const isHeld = ({ order: { status, request } }: Entry): boolean =>
    status === 'pending' && request.heldUntilMs !== null && request.heldUntilMs > clock.now();
  const isDue = (entry: Entry): boolean =>
    entry.dueAtMs !== null && (entry.dueAtMs <= clock.now() || (isFar(entry.dueAtMs) && !isHeld(entry)));
  const isAvailable = (entry: Entry): boolean => isDue(entry) && !hasLiveLease(entry);
  /** After this time without a check, a waiting order counts as abandoned. */
  const isForSweep = ({ order, dueAtMs }: Entry): boolean =>
    order.waitingFor === null || (dueAtMs ?? 0) <= clock.now() - WAITING_REST_MS || isFar(dueAtMs ?? 0);

  function known(order: Order, keys: SubmissionKeys): SubmitOutcome | null {
    const { orderId, accountId, clientOrderId } = order.request;
    const { idempotencySlot, clientSlot } = slotsOf(accountId, clientOrderId, keys);
    const sameId = entries.get(orderId);
    const sameKey = idempotencySlot === null ? undefined : byIdempotencyKey.get(idempotencySlot);
    const sameClientId = clientSlot === null ? undefined : byClientOrderId.get(clientSlot);
    const found = sameKey ?? sameClientId ?? sameId;
    if (found?.fingerprint === keys.fingerprint) {
      if (found === sameId) return { outcome: 'created', position: null };
      if (idempotencySlot !== null) byIdempotencyKey.set(idempotencySlot, found);
      return { outcome: 'existing', order: found.order };
    }
    if (found && !sameKey && !sameClientId) throw new Error(`order id ${orderId} is taken by another order`);
    if (found)
      return {
        outcome: 'conflict',
        key: sameKey ? 'idempotencyKey' : 'clientOrderId',
        orderId: found.order.request.orderId,
      };
    return null;
  }

  function submit(order: Order, events: readonly OrderEvent[], keys: SubmissionKeys): SubmitOutcome {
    const earlier = known(order, keys);
    if (earlier) return earlier;
    const { orderId, accountId, clientOrderId } = order.request;
    const { idempotencySlot, clientSlot } = slotsOf(accountId, clientOrderId, keys);
    const entry: Entry = {
      order: frozenCopy(order),
      fingerprint: keys.fingerprint,
      events: events.map(frozenCopy),
      attempts: [],
      fence: 0,
      leaseUntilMs: null,
      dueAtMs: isTerminal(order.status) ? null : clock.now(),
    };
    entries.set(orderId, entry);
    if (idempotencySlot !== null) byIdempotencyKey.set(idempotencySlot, entry);
    if (clientSlot !== null) byClientOrderId.set(clientSlot, entry);
    return { outcome: 'created', position: append(accountId, entry.events) };
  }

  function claim(orderId: OrderId, leaseMs: number): ClaimOutcome {
    const entry = entries.get(orderId);
    if (!entry || !isAvailable(entry)) return { outcome: 'notAvailable' };
    entry.fence += 1;
    entry.leaseUntilMs = clock.now() + leaseMs;
    const openAttempt = entry.attempts.find((attempt) => attempt.state === 'open');
    return {
      outcome: 'claimed',
      claim: {
        fence: entry.fence,
        order: entry.order,
        openAttempt: openAttempt ? frozenCopy(openAttempt) : null,
      },
    };
  }

  function transition(change: Transition): TransitionOutcome {
    checkChange(change);
    const entry = entries.get(change.order.request.orderId);
    if (!entry || entry.order.sequence !== change.expectedSequence) return { outcome: 'stale' };
    if (change.fence !== null && !leased(change.order.request.orderId, change.fence))
      return { outcome: 'stale' };
    if (change.attempt?.kind === 'record' && !mayRecord(entry.order)) return { outcome: 'stale' };
    const attempts = changedAttempts(entry.attempts, change.attempt, signatures);
    if (!attempts) return { outcome: 'stale' };

    // Nothing below can fail, so that a change is whole or not at all.
    const wasTerminal = isTerminal(entry.order.status);
    if (change.attempt?.kind === 'record') {
      signatures.add(change.attempt.attempt.signature);
      keep(change.attempt);
    }
    entry.attempts = attempts;
    const events = change.events.map(frozenCopy);
    entry.events.push(...events);
    entry.order = frozenCopy({ ...change.order, request: entry.order.request });
    if (isTerminal(entry.order.status)) {
      entry.leaseUntilMs = null;
      entry.dueAtMs = null;
    } else if (change.lease.kind === 'release') {
      entry.leaseUntilMs = null;
      entry.dueAtMs = clock.now() + change.lease.wakeAfterMs;
    } else if (wasTerminal) entry.dueAtMs = clock.now();
    return { outcome: 'committed', position: append(entry.order.request.accountId, events) };
  }

  /** The entry whose lease this fence holds. */
  function leased(orderId: OrderId, fence: number): Entry | undefined {
    const entry = entries.get(orderId);
    return entry?.fence === fence && entry.leaseUntilMs !== null ? entry : undefined;
  }

  const store: OrderStore = {
    ...receipts,
    submit: async (order, events, keys) => submit(order, events, keys),
    known: async (order, keys) => known(order, keys),
    get: async (orderId) => entries.get(orderId)?.order,
    list: async (filter) => {
      const { offset = 0 } = filter;
      const orders = [...entries.values()].map((entry) => entry.order);
      return orders
        .filter((order) => matches(order, filter))
        .sort((a, b) => (a.request.orderId < b.request.orderId ? 1 : -1))
        .slice(offset, offset + filter.limit);
    },
    events: async (orderId, afterSequence, limit) =>
      (entries.get(orderId)?.events ?? []).slice(afterSequence, afterSequence + limit),
    attempts: async (orderId) => (entries.get(orderId)?.attempts ?? []).map(frozenCopy),
    claim: async (orderId, leaseMs) => claim(orderId, leaseMs),
    transition: async (change) => transition(change),
    release: async (orderId, fence, wakeAfterMs) => {
      const entry = leased(orderId, fence);
      if (!entry) return;
      entry.leaseUntilMs = null;
      entry.dueAtMs = clock.now() + wakeAfterMs;
    },
    renewLeases: async (claims, leaseMs) => {
      for (const { orderId, fence } of claims) {
        const entry = leased(orderId, fence);
        if (entry) entry.leaseUntilMs = clock.now() + leaseMs;
      }
    },
    dueOrders: async (limit) =>
      [...entries.values()]
        .filter((entry) => isAvailable(entry) && isForSweep(entry))
        .sort(
          (a, b) =>
            Number(isFar(b.dueAtMs!)) - Number(isFar(a.dueAtMs!)) ||
            a.dueAtMs! - b.dueAtMs! ||
            byOrderId(a, b),
        )
        .slice(0, limit)
        .map((entry) => entry.order.request.orderId),
    unfinalizedAttempts: async (limit) =>
      [...entries.values()]
        .flatMap((entry) => entry.attempts)
        .filter((attempt) => attempt.state === 'landed' && !attempt.finalized)
        .sort((a, b) => a.recordedAtMs - b.recordedAtMs || (a.orderId < b.orderId ? -1 : 1))
        .slice(0, limit)
        .map(frozenCopy),
    ...streams,
    unfinishedOrders: async (after, limit) =>
      [...entries.values()]
        .filter(({ order }) => !isTerminal(order.status) && (after === null || order.request.orderId > after))
        .sort(byOrderId)
        .slice(0, limit)
        .map(({ order }) => order),
    newestFinalized: async (limit) =>
      [...entries.values()]
        .filter(({ order }) => order.status === 'confirmed' && order.finalized)
        .filter(({ order, attempts }) => attempts.some(({ signature }) => signature === order.signature))
        .sort(byOrderId)
        .reverse()
        .slice(0, limit)
        .map(({ order: { request, signature, slot } }) => ({
          orderId: request.orderId,
          signature: signature!,
          slot: slot!,
        })),
    missingAttempts: async (listed) =>
      listed
        .filter(({ orderId, signature }) => {
          const entry = entries.get(orderId);
          if (!entry || entry.order.signature === signature) return false;
          return !entry.attempts.some((attempt) => attempt.signature === signature);
        })
        .map(({ signature }) => signature),
    newestSigningSlot: async (beforeMs) => {
      let newest: bigint | null = null;
      for (const { attempts } of entries.values())
        for (const { signingSlot, recordedAtMs } of attempts)
          if (recordedAtMs < beforeMs && (newest === null || signingSlot > newest)) newest = signingSlot;
      return newest;
    },
    voidLeases: async () => {
      for (const entry of entries.values()) entry.leaseUntilMs = null;
    },
    ping: async () => {},
    close: async () => {},
  };
  return store;
}

const slotsOf = (accountId: string, clientOrderId: string | null, keys: SubmissionKeys) => ({
  idempotencySlot: keys.idempotencyKey === null ? null : slotOf(accountId, keys.idempotencyKey),
  clientSlot: clientOrderId === null ? null : slotOf(accountId, clientOrderId),
});

/** JSON keeps ("a", "bc") and ("ab", "c") apart. */
const slotOf = (accountId: string, key: string): string => JSON.stringify([accountId, key]);

const byOrderId = (a: Entry, b: Entry): number =>
  a.order.request.orderId < b.order.request.orderId ? -1 : 1;

function matches({ request, status, needsReview }: Order, filter: OrderFilter): boolean {
  return (
    request.accountId === filter.accountId &&
    (filter.statuses?.includes(status) ?? true) &&
    (filter.mintIn === undefined || request.tokenIn.mint === filter.mintIn) &&
    (filter.mintOut === undefined || request.tokenOut.mint === filter.mintOut) &&
    (filter.clientOrderId === undefined || request.clientOrderId === filter.clientOrderId) &&
    (!filter.needsReview || needsReview) &&
    (filter.before === undefined || request.orderId < filter.before)
  );
}
