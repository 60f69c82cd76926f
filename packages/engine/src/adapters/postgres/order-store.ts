import type pg from 'pg';
import type { Order, OrderId } from '../../domain/order.ts';
import { checkChange } from '../../domain/order-change.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { isTerminal } from '../../domain/order-status.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ClaimOutcome, OrderStore, SubmissionKeys, Transition } from '../../ports/order-store.ts';
import { accountPosition, createAccountReader } from './account-stream.ts';
import { createBatcher, HELD_UP, type HeldUp } from './batcher.ts';
import { createBornLeases } from './born-leases.ts';
import { type ClaimRequest, claimOrders } from './claim-orders.ts';
import { mergeTransitions, outcomeOfPart } from './merge-transitions.ts';
import { createPostgresReceiptStore } from './receipt-store.ts';
import { type AttemptRow, toAttempt } from './rows/attempt-row.ts';
import { type EventRow, toEvent } from './rows/event-row.ts';
import { type OrderRow, toOrder } from './rows/order-row.ts';
import { toRecordset } from './rows/recordset.ts';
import { RELEASE_COLUMNS, RELEASE_SQL, RENEW_COLUMNS, RENEW_SQL, VOID_LEASES_SQL } from './sql/claim.ts';
import { DUE_ORDERS_SQL } from './sql/due.ts';
import {
  ATTEMPTS_SQL,
  EVENTS_SQL,
  GET_SQL,
  listSql,
  MISSING_ATTEMPTS_SQL,
  NEWEST_FINALIZED_SQL,
  NEWEST_SIGNING_SLOT_SQL,
  UNFINALIZED_ATTEMPTS_SQL,
  UNFINISHED_ORDERS_SQL,
} from './sql/read.ts';
import { isStatementFault, withStoreErrors } from './store-errors.ts';
import { type Submission, submitOrders } from './submit-orders.ts';
import { transitionOrders } from './transition-orders.ts';
import { createWriteProbe } from './write-probe.ts';

export interface PostgresOrderStoreOptions {
  /** Of PostgreSQL 15 or newer, or of PGlite (`openPglite`). Its schema is up to date (`migrate`). */
  readonly pool: pg.Pool;
  readonly log?: Logger;
  /** How long a write waits for company. 0 gives the best latency; more saves processor time at low load. */
  readonly lingerMs?: number;
  /**
   * Only this process uses the database, and it works on what it accepts: orders are submitted with a lease of so long
   * already, and the first claim with this duration writes nothing. Absent where processes share the database.
   */
  readonly bornLeaseMs?: number;
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
export function createPostgresOrderStore(options: PostgresOrderStoreOptions): OrderStore {
  const { pool, log, lingerMs = 0, bornLeaseMs } = options;
  const grouping = { lingerMs, maxItems: MAX_GROUP, isItemFault };
  const born = bornLeaseMs === undefined ? undefined : createBornLeases(bornLeaseMs);
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
    run: (group: readonly ClaimRequest[]) => claimOrders(pool, group),
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
  ): Promise<readonly (undefined | HeldUp)[]> {
    const leases = group.map(({ orderId, fence, wakeAfterMs }) => ({
      order_id: orderId,
      fence,
      wake_after_ms: wakeAfterMs,
    }));
    const { rows } = await pool.query<{ order_id: string }>({
      name: 'release',
      text: RELEASE_SQL,
      values: toRecordset(RELEASE_COLUMNS, leases),
    });
    const heldUp = new Set(rows.map((row) => row.order_id));
    return group.map(({ orderId }) => (heldUp.has(orderId) ? HELD_UP : undefined));
  }

  async function submit(order: Order, events: readonly OrderEvent[], keys: SubmissionKeys) {
    const askedAtMs = performance.now();
    const leaseMs = !isTerminal(order.status) && born?.hasRoom() ? bornLeaseMs! : null;
    const result = await submissions.add({ order, events, keys, leaseMs });
    if (result.outcome === 'refused') throw result.error;
    if (result.outcome === 'unknown') throw new Error('a submission was taken for a repeat');
    if (leaseMs !== null && result.outcome === 'created' && result.position !== null)
      born?.add(order, askedAtMs);
    return result;
  }

  async function claim(orderId: OrderId, leaseMs: number): Promise<ClaimOutcome> {
    const first = born?.take(orderId);
    if (!first) return claims.add({ orderId, leaseMs });
    // What it waited for its turn is taken off the lease: not more than half, and never added to it.
    if (leaseMs !== bornLeaseMs || first.leftMs < leaseMs / 2)
      await renewLeases([{ orderId, fence: first.claim.fence }], leaseMs);
    return { outcome: 'claimed', claim: first.claim };
  }

  /** What is changed before its first claim loses the lease that it was born with: who claims it must read it. */
  function endBornLease(transition: Transition): Transition {
    const first = born?.take(transition.order.request.orderId);
    return first && transition.lease.kind === 'keep'
      ? { ...transition, lease: { kind: 'release', wakeAfterMs: 0 } }
      : transition;
  }

  async function renewLeases(
    held: readonly { readonly orderId: OrderId; readonly fence: number }[],
    leaseMs: number,
  ): Promise<void> {
    if (held.length === 0) return;
    const leases = held.map(({ orderId, fence }) => ({ order_id: orderId, fence, lease_ms: leaseMs }));
    await pool.query({ name: 'renew', text: RENEW_SQL, values: toRecordset(RENEW_COLUMNS, leases) });
  }

  return withStoreErrors<OrderStore>({
    ...createPostgresReceiptStore(pool),
    submit,
    known: async (order, keys) => {
      // In its turn behind those that this process is storing.
      const result = await submissions.add({ order, events: [], keys, leaseMs: null, isRepeat: true });
      if (result.outcome === 'refused') throw result.error;
      return result.outcome === 'unknown' ? null : result;
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
    claim,
    transition: async (transition) => {
      checkChange(transition);
      return transitions.add(endBornLease(transition));
    },
    release: (orderId, fence, wakeAfterMs) => releases.add({ orderId, fence, wakeAfterMs }),
    renewLeases,
    dueOrders: async (limit) => {
      const { rows } = await pool.query<{ order_id: string }>({
        name: 'due_orders',
        text: DUE_ORDERS_SQL,
        values: [limit, born?.waiting() ?? []],
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
    newestFinalized: async (limit) => {
      const { rows } = await pool.query<{ order_id: string; signature: string; slot: string }>(
        NEWEST_FINALIZED_SQL,
        [limit],
      );
      return rows.map(({ order_id, signature, slot }) => ({
        orderId: order_id as OrderId,
        signature,
        slot: BigInt(slot),
      }));
    },
    missingAttempts: async (listed) => {
      const { rows } = await pool.query<{ signature: string }>(MISSING_ATTEMPTS_SQL, [
        listed.map(({ orderId }) => orderId),
        listed.map(({ signature }) => signature),
      ]);
      return rows.map(({ signature }) => signature);
    },
    newestSigningSlot: async (beforeMs) => {
      const { rows } = await pool.query<{ slot: string | null }>(NEWEST_SIGNING_SLOT_SQL, [beforeMs]);
      return rows[0]?.slot == null ? null : BigInt(rows[0].slot);
    },
    voidLeases: async () => {
      born?.clear();
      await pool.query(VOID_LEASES_SQL);
    },
    ping: createWriteProbe(pool),
    close: async () => {},
  });
}
