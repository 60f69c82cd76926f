import type { Order, OrderId } from '../../domain/order.ts';
import { checkChange } from '../../domain/order-change.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { isEverDue, isTerminal } from '../../domain/order-status.ts';
import type { Signature } from '../../domain/signature.ts';
import { mayRecord } from '../../domain/transitions.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OrderRetention } from '../../ports/order-retention.ts';
import type {
  OrderStore,
  SubmissionKeys,
  SubmitOutcome,
  Transition,
  TransitionOutcome,
} from '../../ports/order-store.ts';
import { createAccountStreams } from './account-streams.ts';
import { frozenCopy } from './frozen-copy.ts';
import type { OrderEntry } from './order-entry.ts';
import { createOrderKeys } from './order-keys.ts';
import { createOrderLeases } from './order-leases.ts';
import { createOrderQueries } from './order-queries.ts';
import { createMemoryRetention } from './order-retention.ts';
import { changedAttempts } from './order-store-attempts.ts';
import { createMemoryReceiptStore } from './receipt-store.ts';

interface Options {
  readonly clock: Pick<Clock, 'now'>;
}

/** An order store in the memory of this process: for tests and the simulation. It keeps nothing after the process. */
export function createMemoryOrderStore({ clock }: Options): OrderStore & OrderRetention {
  const entries = new Map<OrderId, OrderEntry>();
  const signatures = new Set<Signature>();
  const keyed = createOrderKeys(entries);
  const { leased, methods: leases } = createOrderLeases(entries, clock);
  const { keep, has, ...receipts } = createMemoryReceiptStore(clock, (id) => entries.get(id)?.order);
  const { append, depart, ...streams } = createAccountStreams();

  function submit(order: Order, events: readonly OrderEvent[], keys: SubmissionKeys): SubmitOutcome {
    const earlier = keyed.known(order, keys);
    if (earlier) return earlier;
    const { orderId, accountId } = order.request;
    const entry: OrderEntry = {
      order: frozenCopy(order),
      fingerprint: keys.fingerprint,
      events: events.map(frozenCopy),
      attempts: [],
      fence: 0,
      leaseUntilMs: null,
      dueAtMs: isEverDue(order.status) ? clock.now() : null,
    };
    entries.set(orderId, entry);
    keyed.keep(entry, keys);
    return { outcome: 'created', position: append(accountId, entry.events) };
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

    // No step below can fail, so that a change is atomic.
    const wasTerminal = isTerminal(entry.order.status);
    if (change.attempt?.kind === 'record') {
      signatures.add(change.attempt.attempt.signature);
      keep(change.attempt);
    }
    entry.attempts = attempts;
    const events = change.events.map(frozenCopy);
    entry.events.push(...events);
    const isAmended = events.some(({ type }) => type === 'order.amended');
    entry.order = frozenCopy(isAmended ? change.order : { ...change.order, request: entry.order.request });
    if (!isEverDue(entry.order.status)) {
      entry.leaseUntilMs = null;
      entry.dueAtMs = null;
    } else if (change.lease.kind === 'release') {
      entry.leaseUntilMs = null;
      entry.dueAtMs = clock.now() + change.lease.wakeAfterMs;
    } else if (wasTerminal) entry.dueAtMs = clock.now();
    return { outcome: 'committed', position: append(entry.order.request.accountId, events) };
  }

  return {
    ...receipts,
    ...streams,
    ...leases,
    ...createOrderQueries(entries),
    ...createMemoryRetention({ entries, keyed, depart, hasReceipt: has, clock }),
    submit: async (order, events, keys) => submit(order, events, keys),
    known: async (order, keys) => keyed.known(order, keys),
    transition: async (change) => transition(change),
    ping: async () => {},
    close: async () => {},
  };
}
