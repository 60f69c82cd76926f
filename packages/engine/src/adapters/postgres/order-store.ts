import type pg from 'pg';
import type { Order } from '../../domain/order.ts';
import { checkChange } from '../../domain/order-change.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OrderStore, SubmissionKeys, SubmitOutcome, Transition } from '../../ports/order-store.ts';
import { createBatcher } from './batcher.ts';
import { type LeasingStore, withBornLeases } from './born-leases.ts';
import { mergeTransitions, outcomeOfPart } from './merge-transitions.ts';
import { createOrderLeases } from './order-leases.ts';
import { createOrderReads } from './order-reads.ts';
import { createPostgresReceiptStore } from './receipt-store.ts';
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
   * The duration of the leases that orders are submitted with (`withBornLeases`). Absent where processes share the database.
   */
  readonly bornLeaseMs?: number;
}

/** How long a step of an order may wait for the next one: an idle engine takes less from an order's first step to its record. */
const PATIENCE_MS = 20;
/** Fewer statements gain little from larger groups, and a group should not keep others waiting for long. */
const MAX_GROUP = 500;

/**
 * Orders in PostgreSQL or PGlite. Writes of many orders share statements (group commit); each caller still gets its
 * own outcome, after the commit. The pool stays the caller's: `close` leaves it open.
 */
export function createPostgresOrderStore(options: PostgresOrderStoreOptions): OrderStore {
  const { pool, log, lingerMs = 0, bornLeaseMs } = options;
  const grouping = { lingerMs, maxItems: MAX_GROUP, isItemFault };
  const submissions = createBatcher({
    ...grouping,
    run: (group: readonly Submission[]) => submitOrders(pool, group),
    keyOf: ({ order }) => order.request.orderId,
  });
  const transitions = createBatcher({
    ...grouping,
    run: (group: readonly Transition[]) => transitionOrders(pool, group),
    keyOf: ({ order }) => order.request.orderId,
    patienceMs: ({ mayWait }) => (mayWait ? PATIENCE_MS : 0),
    merge: mergeTransitions,
    shareOf: outcomeOfPart,
  });

  function isItemFault(error: unknown): boolean {
    const isFault = isStatementFault(error);
    if (isFault) log?.warn({ error }, 'a group of writes was refused and is written one by one');
    return isFault;
  }

  async function submit(
    order: Order,
    events: readonly OrderEvent[],
    keys: SubmissionKeys,
    leaseMs: number | null = null,
  ) {
    const result = await submissions.add({ order, events, keys, leaseMs });
    if (result.outcome === 'refused') throw result.error;
    if (result.outcome === 'unknown') throw new Error('a submission was taken for a repeat');
    return result;
  }

  async function known(order: Order, keys: SubmissionKeys): Promise<SubmitOutcome | null> {
    // In its turn behind those that this process is storing.
    const result = await submissions.add({ order, events: [], keys, leaseMs: null, isRepeat: true });
    if (result.outcome === 'refused') throw result.error;
    return result.outcome === 'unknown' ? null : result;
  }

  const store: LeasingStore = {
    ...createPostgresReceiptStore(pool),
    ...createOrderReads(pool, grouping),
    ...createOrderLeases(pool, grouping),
    submit,
    known,
    transition: async (transition) => {
      checkChange(transition);
      return transitions.add(transition);
    },
    ping: createWriteProbe(pool),
    close: async () => {},
  };
  return withStoreErrors<OrderStore>(bornLeaseMs === undefined ? store : withBornLeases(store, bornLeaseMs));
}
