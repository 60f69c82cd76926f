import type pg from 'pg';
import type { Order, OrderId } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { checkTransition } from '../../ports/check-transition.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OrderStore, Transition } from '../../ports/order-store.ts';
import { accountPosition, createAccountReader } from './account-stream.ts';
import { type AttemptRow, toAttempt } from './attempt-row.ts';
import { createBatcher } from './batcher.ts';
import { type ClaimRequest, claimOrders } from './claim-orders.ts';
import { type EventRow, toEvent } from './event-row.ts';
import { isStatementFault, withStoreErrors } from './faults.ts';
import { createFreshOrders } from './fresh-orders.ts';
import { mergeTransitions, outcomeOfPart } from './merge-transitions.ts';
import { type OrderRow, toOrder } from './order-row.ts';
import { createPostgresReceiptStore } from './receipt-store.ts';
import { RELEASE_SQL, RENEW_SQL, VOID_LEASES_SQL } from './sql/claim.ts';
import {
  ATTEMPTS_SQL,
  DUE_ORDERS_SQL,
  EVENTS_SQL,
  GET_SQL,
  listSql,
  NEWEST_SIGNING_SLOT_SQL,
  UNFINALIZED_ATTEMPTS_SQL,
  UNFINISHED_ORDERS_SQL,
} from './sql/read.ts';
import { type Submission, submitOrders } from './submit-orders.ts';
import { transitionOrders } from './transition-orders.ts';

export interface PostgresOrderStoreOptions {
  /** Of PostgreSQL 15 or newer, or of PGlite (`openPglite`). Its schema is up to date (`migrate`). */
  readonly pool: pg.Pool;
  readonly log?: Logger;
  /** How long a write waits for company. 0 gives the best latency; more saves processor time at low load. */
  readonly lingerMs?: number;
}

interface LogRead {
  readonly orderId: OrderId;
  readonly afterSequence: number;
  readonly limit: number;
}

/** Fewer statements gain little from larger groups, and a group should not keep others waiting for long. */
const MAX_GROUP = 500;

/**
 * Orders in PostgreSQL or PGlite. Writes of many orders share statements (group commit); each caller still gets its
 * own outcome, after the commit. The pool stays the caller's: `close` leaves it open.
 */
export function createPostgresOrderStore({ pool, log, lingerMs = 0 }: PostgresOrderStoreOptions): OrderStore {
  const grouping = { lingerMs, maxItems: MAX_GROUP, isItemFault };
  const fresh = createFreshOrders();
  const submissions = createBatcher({
    ...grouping,
    run: (group: readonly Submission[]) => submitOrders(pool, group),
    keyOf: ({ order }) => order.request.orderId,
  });
  const transitions = createBatcher({
    ...grouping,
    run: (group: readonly Transition[]) => transitionOrders(pool, group),
    keyOf: ({ order }) => order.request.orderId,
    merge: mergeTransitions,
    shareOf: outcomeOfPart,
  });
  const claims = createBatcher({
    ...grouping,
    run: (group: readonly ClaimRequest[]) => claimOrders(pool, group, fresh),
    keyOf: ({ orderId }) => orderId,
  });
  const releases = createBatcher({
    ...grouping,
    run: (group: readonly { orderId: OrderId; fence: number; wakeAfterMs: number }[]) => release(group),
    keyOf: ({ orderId }) => orderId,
  });
  const reads = createBatcher({ ...grouping, run: getOrders });

  const logReads = createBatcher({
    ...grouping,
    run: readLogs,
    keyOf: ({ orderId }: LogRead) => orderId,
  });

  function isItemFault(error: unknown): boolean {
    const isFault = isStatementFault(error);
    if (isFault) log?.warn({ error }, 'a group of writes was refused and is written one by one');
    return isFault;
  }

  async function getOrders(ids: readonly OrderId[]): Promise<readonly (Order | undefined)[]> {
    const { rows } = await pool.query<OrderRow>({ name: 'get', text: GET_SQL, values: [ids] });
    const orders = new Map(rows.map((row) => [row.order_id, toOrder(row)]));
    return ids.map((id) => orders.get(id));
  }

  async function readLogs(group: readonly LogRead[]): Promise<readonly OrderEvent[][]> {
    const wanted = group.map(({ orderId, afterSequence, limit }) => ({
      order_id: orderId,
      after_sequence: afterSequence,
      page: limit,
    }));
    const { rows } = await pool.query<EventRow>({
      name: 'events',
      text: EVENTS_SQL,
      values: [JSON.stringify(wanted)],
    });
    const logs = new Map<OrderId, OrderEvent[]>(group.map(({ orderId }) => [orderId, []]));
    for (const row of rows) logs.get(row.order_id)?.push(toEvent(row));
    return group.map(({ orderId }) => logs.get(orderId) ?? []);
  }

  async function release(
    group: readonly { orderId: OrderId; fence: number; wakeAfterMs: number }[],
  ): Promise<readonly undefined[]> {
    const leases = group.map(({ orderId, fence, wakeAfterMs }) => ({
      order_id: orderId,
      fence,
      wake_after_ms: wakeAfterMs,
    }));
    await pool.query({ name: 'release', text: RELEASE_SQL, values: [JSON.stringify(leases)] });
    return group.map(() => undefined);
  }

  return withStoreErrors<OrderStore>({
    ...createPostgresReceiptStore(pool),
    submit: async (order, events, keys) => {
      const result = await submissions.add({ order, events, keys });
      if (result.outcome === 'refused') throw result.error;
      if (result.outcome === 'created' && result.position !== null) fresh.add(order);
      return result;
    },
    get: (orderId) => reads.add(orderId),
    list: async (filter) => {
      const { rows } = await pool.query<OrderRow>(listSql(filter));
      return rows.map(toOrder);
    },
    events: (orderId, afterSequence, limit) => logReads.add({ orderId, afterSequence, limit }),
    attempts: async (orderId) => {
      const { rows } = await pool.query<AttemptRow>({
        name: 'attempts',
        text: ATTEMPTS_SQL,
        values: [orderId],
      });
      return rows.map(toAttempt);
    },
    claim: (orderId, leaseMs) => claims.add({ orderId, leaseMs }),
    transition: async (transition) => {
      checkTransition(transition);
      return transitions.add(transition);
    },
    release: (orderId, fence, wakeAfterMs) => releases.add({ orderId, fence, wakeAfterMs }),
    renewLeases: async (held, leaseMs) => {
      if (held.length === 0) return;
      const leases = held.map(({ orderId, fence }) => ({ order_id: orderId, fence }));
      await pool.query({ name: 'renew', text: RENEW_SQL, values: [JSON.stringify(leases), leaseMs] });
    },
    dueOrders: async (limit) => {
      const { rows } = await pool.query<{ order_id: string }>({
        name: 'due_orders',
        text: DUE_ORDERS_SQL,
        values: [limit],
      });
      return rows.map((row) => row.order_id);
    },
    unfinalizedAttempts: async (limit) => {
      const { rows } = await pool.query<AttemptRow>({
        name: 'unfinalized_attempts',
        text: UNFINALIZED_ATTEMPTS_SQL,
        values: [limit],
      });
      return rows.map(toAttempt);
    },
    accountEvents: createAccountReader(pool),
    accountPosition: (accountId) => accountPosition(pool, accountId),
    unfinishedOrders: async (after, limit) => {
      const { rows } = await pool.query<OrderRow>(UNFINISHED_ORDERS_SQL, [after ?? '', limit]);
      return rows.map(toOrder);
    },
    newestSigningSlot: async (beforeMs) => {
      const { rows } = await pool.query<{ slot: string | null }>(NEWEST_SIGNING_SLOT_SQL, [beforeMs]);
      return rows[0]?.slot == null ? null : BigInt(rows[0].slot);
    },
    voidLeases: async () => {
      await pool.query(VOID_LEASES_SQL);
    },
    ping: async () => {
      await pool.query('SELECT 1');
    },
    close: async () => {},
  });
}
