import type pg from 'pg';
import type { Order, OrderId } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import type { Signature } from '../../domain/signature.ts';
import type { OrderStore } from '../../ports/order-store.ts';
import { accountPosition, createAccountReader, departedPosition, restingChanges } from './account-stream.ts';
import { createBatcher, type Grouping } from './batcher.ts';
import { type AttemptRow, toAttempt } from './rows/attempt-row.ts';
import { type EventRow, toEvent } from './rows/event-row.ts';
import { type OrderRow, toOrder } from './rows/order-row.ts';
import { listSql } from './sql/list.ts';
import {
  ATTEMPTS_SQL,
  EVENTS_SQL,
  GET_SQL,
  MISSING_ATTEMPTS_SQL,
  NEWEST_FINALIZED_SQL,
  NEWEST_SIGNING_SLOT_SQL,
  OPEN_ORDERS_SQL,
  UNFINALIZED_ATTEMPTS_SQL,
  UNFINISHED_ORDERS_SQL,
} from './sql/read.ts';
import { HAS_DEPARTED_SQL } from './sql/windows.ts';

type ReadMethods = Pick<
  OrderStore,
  | 'get'
  | 'list'
  | 'events'
  | 'attempts'
  | 'unfinalizedAttempts'
  | 'accountEvents'
  | 'accountPosition'
  | 'departedPosition'
  | 'hasDeparted'
  | 'unfinishedOrders'
  | 'openOrders'
  | 'restingChanges'
  | 'newestFinalized'
  | 'missingAttempts'
  | 'newestSigningSlot'
>;

interface LogRead {
  readonly orderId: OrderId;
  readonly afterSequence: number;
  readonly limit: number;
}

/** What can be asked of the store, and changes nothing. Orders and logs of many callers are read together. */
export function createOrderReads(pool: pg.Pool, grouping: Grouping): ReadMethods {
  const orders = createBatcher({ ...grouping, run: (ids: readonly OrderId[]) => getOrders(pool, ids) });
  const logs = createBatcher({
    ...grouping,
    run: (group: readonly LogRead[]) => readLogs(pool, group),
    keyOf: ({ orderId }) => orderId,
  });

  return {
    get: (orderId) => orders.add(orderId),
    list: async (filter) => {
      const { text, values } = listSql(filter);
      const { rows } = await pool.query<OrderRow>(text, [...values]);
      return rows.map(toOrder);
    },
    events: (orderId, afterSequence, limit) => logs.add({ orderId, afterSequence, limit }),
    attempts: async (orderId) => {
      const { rows } = await pool.query<AttemptRow>({
        name: 'attempts',
        text: ATTEMPTS_SQL,
        values: [orderId],
      });
      return rows.map(toAttempt);
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
    departedPosition: (accountId) => departedPosition(pool, accountId),
    hasDeparted: async (orderId) => {
      const { rows } = await pool.query<{ departed: boolean }>(HAS_DEPARTED_SQL, [orderId]);
      return rows[0]!.departed;
    },
    unfinishedOrders: async (after, limit) => {
      const { rows } = await pool.query<OrderRow>(UNFINISHED_ORDERS_SQL, [after ?? '', limit]);
      return rows.map(toOrder);
    },
    openOrders: async (after, limit) => {
      const { rows } = await pool.query<OrderRow>(OPEN_ORDERS_SQL, [after ?? '', limit]);
      return rows.map(toOrder);
    },
    restingChanges: (accountId, after, limit) => restingChanges(pool, accountId, after, limit),
    newestFinalized: (limit) => newestFinalized(pool, limit),
    missingAttempts: async (listed) => {
      const { rows } = await pool.query<{ signature: Signature }>(MISSING_ATTEMPTS_SQL, [
        listed.map(({ orderId }) => orderId),
        listed.map(({ signature }) => signature),
      ]);
      return rows.map(({ signature }) => signature);
    },
    newestSigningSlot: async (beforeMs) => {
      const { rows } = await pool.query<{ slot: string | null }>(NEWEST_SIGNING_SLOT_SQL, [beforeMs]);
      return rows[0]?.slot == null ? null : BigInt(rows[0].slot);
    },
  };
}

async function getOrders(pool: pg.Pool, ids: readonly OrderId[]): Promise<readonly (Order | undefined)[]> {
  const { rows } = await pool.query<OrderRow>({ name: 'get', text: GET_SQL, values: [ids] });
  const orders = new Map(rows.map((row) => [row.order_id, toOrder(row)]));
  return ids.map((id) => orders.get(id));
}

async function readLogs(pool: pg.Pool, group: readonly LogRead[]): Promise<readonly OrderEvent[][]> {
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

async function newestFinalized(pool: pg.Pool, limit: number): ReturnType<OrderStore['newestFinalized']> {
  const { rows } = await pool.query<{ order_id: OrderId; signature: Signature; slot: string }>(
    NEWEST_FINALIZED_SQL,
    [limit],
  );
  return rows.map(({ order_id, signature, slot }) => ({
    orderId: order_id as OrderId,
    signature,
    slot: BigInt(slot),
  }));
}
