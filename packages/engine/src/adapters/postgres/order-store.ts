import type { Pool } from 'pg';
import type { Order } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import type {
  ClaimOutcome,
  OrderStore,
  SubmissionKeys,
  SubmitOutcome,
  Transition,
  TransitionOutcome,
} from '../../ports/order-store.ts';
import { createBatcher } from './batcher.ts';
import {
  type AttemptRow,
  type EventRow,
  type OrderRow,
  toAttempt,
  toAttemptColumns,
  toEvent,
  toEventColumns,
  toOrder,
  toProjection,
  toRequestColumns,
} from './order-row.ts';
import { SQL } from './sql.ts';

// Large enough that a commit's cost is spread thin, small enough that one statement takes a few milliseconds.
const MAX_BATCH = 250;

interface Submission {
  readonly order: Order;
  readonly events: readonly OrderEvent[];
  readonly keys: SubmissionKeys;
}

/** Orders in PostgreSQL, or in PGlite behind the same pool. Hot writes and reads travel in groups (`createBatcher`). */
export function createPostgresOrderStore({ pool }: { readonly pool: Pool }): OrderStore {
  const rowsOf = async <R>(name: keyof typeof SQL, values: unknown[]): Promise<R[]> =>
    (await pool.query({ name, text: SQL[name], values })).rows as R[];

  const submitBatched = createBatcher({
    run: submitAll,
    keyOf: ({ order }) => order.request.orderId,
    maxItems: MAX_BATCH,
  });
  const transitionBatched = createBatcher({
    run: transitionAll,
    keyOf: ({ order }) => order.request.orderId,
    maxItems: MAX_BATCH,
  });
  const claimBatched = createBatcher({ run: claimAll, maxItems: MAX_BATCH });
  const getBatched = createBatcher({ run: getAll, maxItems: MAX_BATCH });
  const eventsBatched = createBatcher({
    run: eventsOfAll,
    keyOf: ({ orderId }) => orderId,
    maxItems: MAX_BATCH,
  });

  async function submitAll(submissions: readonly Submission[]): Promise<SubmitOutcome[]> {
    const input = submissions.map(({ order, events, keys }) => ({
      ...toRequestColumns(order),
      idempotency_key: keys.idempotencyKey,
      fingerprint: keys.fingerprint,
      ...toProjection(order),
      events: events.map(toEventColumns),
    }));
    const created = await changedIds('INSERT_ORDERS', [JSON.stringify(input)]);
    return Promise.all(
      submissions.map(async (submission) =>
        created.has(submission.order.request.orderId) ? { outcome: 'created' } : findKnown(submission),
      ),
    );
  }

  /** Why the order was not new: somebody holds one of its keys, or it was stored by an earlier call. */
  async function findKnown({ order, keys }: Submission): Promise<SubmitOutcome> {
    const { accountId, clientOrderId, orderId } = order.request;
    const holders = await rowsOf<OrderRow>('ORDERS_BY_KEYS', [accountId, keys.idempotencyKey, clientOrderId]);
    if (holders.some((row) => row.order_id === orderId)) return { outcome: 'created' };
    const byKey = holders.find(
      (row) => keys.idempotencyKey !== null && row.idempotency_key === keys.idempotencyKey,
    );
    const holder = byKey ?? holders[0];
    if (!holder) {
      if ((await getAll([orderId]))[0]) return { outcome: 'created' };
      throw new Error(`order ${orderId} was neither stored nor found by its keys`);
    }
    if (holder.fingerprint === keys.fingerprint) return { outcome: 'existing', order: toOrder(holder) };
    return { outcome: 'conflict', key: byKey ? 'idempotencyKey' : 'clientOrderId', orderId: holder.order_id };
  }

  async function transitionAll(transitions: readonly Transition[]): Promise<TransitionOutcome[]> {
    const changed = await changedIds('APPLY_TRANSITIONS', [
      JSON.stringify(transitions.map(toTransitionInput)),
    ]);
    return transitions.map(({ order }) => ({
      outcome: changed.has(order.request.orderId) ? 'committed' : 'stale',
    }));
  }

  async function claimAll(wanted: readonly { orderId: string; leaseMs: number }[]): Promise<ClaimOutcome[]> {
    const ids = [...new Set(wanted.map(({ orderId }) => orderId))];
    const rows = await rowsOf<OrderRow>('CLAIM_ORDERS', [ids, wanted[0]?.leaseMs ?? 0]);
    const submitted = rows.filter(({ status }) => status === 'submitted').map((row) => row.order_id);
    const open = submitted.length > 0 ? await rowsOf<AttemptRow>('OPEN_ATTEMPTS_OF', [submitted]) : [];
    const attemptOf = new Map(open.map((row) => [row.order_id, toAttempt(row)]));
    const claimed = new Map(rows.map((row) => [row.order_id, row]));
    return wanted.map(({ orderId }) => {
      const row = claimed.get(orderId);
      if (!row) return { outcome: 'notAvailable' };
      claimed.delete(orderId); // Asked for twice in one batch: one claim only.
      const claim = { fence: row.fence, order: toOrder(row), openAttempt: attemptOf.get(orderId) ?? null };
      return { outcome: 'claimed', claim };
    });
  }

  async function getAll(orderIds: readonly string[]): Promise<(Order | undefined)[]> {
    const rows = await rowsOf<OrderRow>('ORDERS_BY_ID', [[...new Set(orderIds)]]);
    const orders = new Map(rows.map((row) => [row.order_id, toOrder(row)]));
    return orderIds.map((orderId) => orders.get(orderId));
  }

  async function eventsOfAll(
    wanted: readonly { orderId: string; afterSequence: number; limit: number }[],
  ): Promise<OrderEvent[][]> {
    const input = wanted.map(({ orderId, afterSequence, limit }) => ({
      order_id: orderId,
      after_sequence: afterSequence,
      page: limit,
    }));
    const rows = await rowsOf<EventRow>('EVENTS_OF_ORDERS', [JSON.stringify(input)]);
    const byOrder = new Map<string, OrderEvent[]>();
    for (const row of rows) byOrder.set(row.order_id, [...(byOrder.get(row.order_id) ?? []), toEvent(row)]);
    return wanted.map(({ orderId }) => byOrder.get(orderId) ?? []);
  }

  async function changedIds(
    name: 'INSERT_ORDERS' | 'APPLY_TRANSITIONS',
    values: unknown[],
  ): Promise<Set<string>> {
    const rows = await rowsOf<{ order_id: string }>(name, values);
    return new Set(rows.map((row) => row.order_id));
  }

  return {
    submit: (order, events, keys) => submitBatched({ order, events, keys }),
    get: getBatched,
    async list(filter) {
      const rows = await rowsOf<OrderRow>('LIST_ORDERS', [
        filter.accountId,
        filter.statuses ?? null,
        filter.mintIn ?? null,
        filter.mintOut ?? null,
        filter.clientOrderId ?? null,
        filter.before ?? null,
        filter.limit,
      ]);
      return rows.map(toOrder);
    },
    events: (orderId, afterSequence, limit) => eventsBatched({ orderId, afterSequence, limit }),
    attempts: async (orderId) => (await rowsOf<AttemptRow>('ATTEMPTS_OF_ORDER', [orderId])).map(toAttempt),
    claim: (orderId, leaseMs) => claimBatched({ orderId, leaseMs }),
    transition: transitionBatched,
    async release(orderId, fence, wakeAfterMs) {
      await rowsOf('RELEASE_ORDER', [orderId, fence, wakeAfterMs]);
    },
    async renewLeases(claims, leaseMs) {
      const held = claims.map(({ orderId, fence }) => ({ order_id: orderId, fence }));
      await rowsOf('RENEW_LEASES', [JSON.stringify(held), leaseMs]);
    },
    dueOrders: async (limit) =>
      (await rowsOf<{ order_id: string }>('DUE_ORDERS', [limit])).map((row) => row.order_id),
    unfinalizedAttempts: async (limit) =>
      (await rowsOf<AttemptRow>('UNFINALIZED_ATTEMPTS', [limit])).map(toAttempt),
    async voidLeases() {
      await rowsOf('VOID_LEASES', []);
    },
    async ping() {
      await pool.query('SELECT 1');
    },
    close: () => pool.end(),
  };
}

function toTransitionInput({ order, expectedSequence, fence, events, attempt, lease }: Transition) {
  return {
    order_id: order.request.orderId,
    expected_sequence: expectedSequence,
    fence,
    release: lease.kind === 'release',
    wake_after_ms: lease.kind === 'release' ? lease.wakeAfterMs : 0,
    ...toProjection(order),
    events: events.map(toEventColumns),
    ...(attempt?.kind === 'record' && { record: toAttemptColumns(attempt.attempt) }),
    ...(attempt?.kind === 'set' && {
      set_number: attempt.attemptNumber,
      set_from: attempt.from,
      set_to: attempt.to,
      set_slot: attempt.slot?.toString() ?? null,
      set_finalized: attempt.finalized,
    }),
  };
}
