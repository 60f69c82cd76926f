import type { Attempt } from '../../domain/attempt.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { isTerminal } from '../../domain/order-status.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  OrderFilter,
  OrderStore,
  SubmissionKeys,
  SubmitOutcome,
  Transition,
} from '../../ports/order-store.ts';

interface Row {
  order: Order;
  readonly keys: SubmissionKeys;
  readonly events: OrderEvent[];
  readonly attempts: Attempt[];
  fence: number;
  leaseUntilMs: number;
  dueAtMs: number;
}

/** Keeps orders in the process: the same promises as the database, save durability. Time is the given clock's. */
export function createMemoryOrderStore({ clock }: { readonly clock: Clock }): OrderStore {
  const rows = new Map<OrderId, Row>();
  const byClientOrderId = new Map<string, OrderId>();
  const byIdempotencyKey = new Map<string, OrderId>();

  return {
    async submit(order, events, keys) {
      const known = findKnown(order, keys);
      if (known) return known;
      const { orderId, accountId, clientOrderId } = order.request;
      rows.set(orderId, {
        order,
        keys,
        events: [...events],
        attempts: [],
        fence: 0,
        leaseUntilMs: 0,
        dueAtMs: clock.now(),
      });
      if (clientOrderId) byClientOrderId.set(keyOf(accountId, clientOrderId), orderId);
      if (keys.idempotencyKey) byIdempotencyKey.set(keyOf(accountId, keys.idempotencyKey), orderId);
      return { outcome: 'created' };
    },

    get: async (orderId) => rows.get(orderId)?.order,
    list: async (filter) =>
      [...rows.values()]
        .map(({ order }) => order)
        .filter(matches(filter))
        .sort(newestFirst)
        .slice(0, filter.limit),
    events: async (orderId, afterSequence, limit) =>
      rows.get(orderId)?.events.slice(Math.max(0, afterSequence), Math.max(0, afterSequence) + limit) ?? [],
    attempts: async (orderId) => [...(rows.get(orderId)?.attempts ?? [])],

    async claim(orderId, leaseMs) {
      const row = rows.get(orderId);
      if (!row || !isDue(row)) return { outcome: 'notAvailable' };
      row.fence += 1;
      row.leaseUntilMs = clock.now() + leaseMs;
      const openAttempt = row.attempts.find(({ state }) => state === 'open') ?? null;
      return { outcome: 'claimed', claim: { fence: row.fence, order: row.order, openAttempt } };
    },

    async transition(change) {
      const row = rows.get(change.order.request.orderId);
      if (!row || row.order.sequence !== change.expectedSequence) return { outcome: 'stale' };
      if (change.fence !== null && change.fence !== row.fence) return { outcome: 'stale' };
      if (!changeAttempt(row.attempts, change)) return { outcome: 'stale' };
      row.order = change.order;
      row.events.push(...change.events);
      if (change.lease.kind === 'release') {
        row.leaseUntilMs = 0;
        row.dueAtMs = clock.now() + change.lease.wakeAfterMs;
      }
      return { outcome: 'committed' };
    },

    async release(orderId, fence, wakeAfterMs) {
      const row = rows.get(orderId);
      if (row?.fence !== fence) return;
      row.leaseUntilMs = 0;
      row.dueAtMs = clock.now() + wakeAfterMs;
    },
    async renewLeases(claims, leaseMs) {
      for (const { orderId, fence } of claims) {
        const row = rows.get(orderId);
        if (row?.fence === fence) row.leaseUntilMs = clock.now() + leaseMs;
      }
    },
    dueOrders: async (limit) =>
      [...rows.values()]
        .filter(isDue)
        .sort((a, b) => a.dueAtMs - b.dueAtMs)
        .slice(0, limit)
        .map(({ order }) => order.request.orderId),
    unfinalizedAttempts: async (limit) =>
      [...rows.values()]
        .flatMap(({ attempts }) =>
          attempts.filter(({ state, finalized }) => state === 'landed' && !finalized),
        )
        .sort((a, b) => a.recordedAtMs - b.recordedAtMs)
        .slice(0, limit),
    async voidLeases() {
      for (const row of rows.values()) row.leaseUntilMs = 0;
    },
    ping: async () => {},
    close: async () => {},
  };

  function findKnown(order: Order, keys: SubmissionKeys): SubmitOutcome | undefined {
    const { accountId, clientOrderId } = order.request;
    const owners = [
      ['idempotencyKey', keys.idempotencyKey && byIdempotencyKey.get(keyOf(accountId, keys.idempotencyKey))],
      ['clientOrderId', clientOrderId && byClientOrderId.get(keyOf(accountId, clientOrderId))],
    ] as const;
    for (const [key, orderId] of owners) {
      const row = orderId ? rows.get(orderId) : undefined;
      if (!row) continue;
      if (row.keys.fingerprint === keys.fingerprint) return { outcome: 'existing', order: row.order };
      return { outcome: 'conflict', key, orderId: row.order.request.orderId };
    }
    return rows.has(order.request.orderId) ? { outcome: 'created' } : undefined;
  }

  function isDue({ order, leaseUntilMs, dueAtMs }: Row): boolean {
    return !isTerminal(order.status) && leaseUntilMs <= clock.now() && dueAtMs <= clock.now();
  }
}

/** Applies the change to the attempts; false, and nothing changed, if it does not fit what is there. */
function changeAttempt(attempts: Attempt[], { attempt: change }: Transition): boolean {
  if (!change) return true;
  if (change.kind === 'record') {
    const taken = attempts.some(
      ({ state, attemptNumber }) => state === 'open' || attemptNumber === change.attempt.attemptNumber,
    );
    if (!taken) attempts.push(change.attempt);
    return !taken;
  }
  const index = attempts.findIndex(
    ({ attemptNumber, state }) => attemptNumber === change.attemptNumber && state === change.from,
  );
  if (index < 0) return false;
  const { to: state, slot, finalized } = change;
  attempts[index] = { ...attempts[index]!, state, slot, finalized };
  return true;
}

const keyOf = (accountId: string, key: string): string => JSON.stringify([accountId, key]);

const newestFirst = (a: Order, b: Order): number => (a.request.orderId < b.request.orderId ? 1 : -1);

const matches =
  (filter: OrderFilter) =>
  ({ request, status }: Order): boolean =>
    request.accountId === filter.accountId &&
    (!filter.statuses || filter.statuses.includes(status)) &&
    (!filter.mintIn || request.tokenIn.mint === filter.mintIn) &&
    (!filter.mintOut || request.tokenOut.mint === filter.mintOut) &&
    (!filter.clientOrderId || request.clientOrderId === filter.clientOrderId) &&
    (!filter.before || request.orderId < filter.before);
