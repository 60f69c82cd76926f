import type pg from 'pg';
import type { OrderId } from '../../domain/order.ts';
import { createBatcher, type Grouping, HELD_UP, type HeldUp } from './batcher.ts';
import type { LeasingStore } from './born-leases.ts';
import { type ClaimRequest, claimOrders } from './claim-orders.ts';
import { toRecordset } from './rows/recordset.ts';
import { RELEASE_COLUMNS, RELEASE_SQL, RENEW_COLUMNS, RENEW_SQL, VOID_LEASES_SQL } from './sql/claim.ts';
import { DUE_ORDERS_SQL } from './sql/due.ts';

type LeaseMethods = Pick<LeasingStore, 'claim' | 'release' | 'renewLeases' | 'dueOrders' | 'voidLeases'>;

interface Release {
  readonly orderId: OrderId;
  readonly fence: number;
  readonly wakeAfterMs: number;
}

/** Who may work on which order, until when, and which orders are due. */
export function createOrderLeases(pool: pg.Pool, grouping: Grouping): LeaseMethods {
  const claims = createBatcher({
    ...grouping,
    run: (group: readonly ClaimRequest[]) => claimOrders(pool, group),
    keyOf: ({ orderId }) => orderId,
  });
  const releases = createBatcher({
    ...grouping,
    run: (group: readonly Release[]) => releaseOrders(pool, group),
    keyOf: ({ orderId }) => orderId,
  });

  return {
    claim: (orderId, leaseMs) => claims.add({ orderId, leaseMs }),
    release: (orderId, fence, wakeAfterMs) => releases.add({ orderId, fence, wakeAfterMs }),
    renewLeases: async (held, leaseMs) => {
      if (held.length === 0) return;
      const leases = held.map(({ orderId, fence }) => ({ order_id: orderId, fence, lease_ms: leaseMs }));
      await pool.query({ name: 'renew', text: RENEW_SQL, values: toRecordset(RENEW_COLUMNS, leases) });
    },
    dueOrders: async (limit, unclaimed = []) => {
      const { rows } = await pool.query<{ order_id: OrderId }>({
        name: 'due_orders',
        text: DUE_ORDERS_SQL,
        values: [limit, unclaimed],
      });
      return rows.map((row) => row.order_id);
    },
    voidLeases: async () => {
      await pool.query(VOID_LEASES_SQL);
    },
  };
}

async function releaseOrders(
  pool: pg.Pool,
  group: readonly Release[],
): Promise<readonly (undefined | HeldUp)[]> {
  const leases = group.map(({ orderId, fence, wakeAfterMs }) => ({
    order_id: orderId,
    fence,
    wake_after_ms: wakeAfterMs,
  }));
  const { rows } = await pool.query<{ order_id: OrderId }>({
    name: 'release',
    text: RELEASE_SQL,
    values: toRecordset(RELEASE_COLUMNS, leases),
  });
  const heldUp = new Set(rows.map((row) => row.order_id));
  return group.map(({ orderId }) => (heldUp.has(orderId) ? HELD_UP : undefined));
}
