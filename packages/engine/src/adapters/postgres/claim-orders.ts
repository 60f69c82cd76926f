import type pg from 'pg';
import type { OrderId } from '../../domain/order.ts';
import { STATUS_WHILE } from '../../domain/transitions.ts';
import type { Claim, ClaimOutcome } from '../../ports/order-store.ts';
import { HELD_UP, type HeldUp } from './batcher.ts';
import { type AttemptRow, toAttempt } from './rows/attempt-row.ts';
import { type OrderRow, toOrder } from './rows/order-row.ts';
import { toRecordset } from './rows/recordset.ts';
import { CLAIM_COLUMNS, CLAIM_SQL, READ_CLAIMED_SQL } from './sql/claim.ts';

export interface ClaimRequest {
  readonly orderId: OrderId;
  readonly leaseMs: number;
}

type ClaimedRow = OrderRow & { readonly fence: number };

/** With the columns of the open attempt, all null without one. */
type ClaimedRowWithAttempt = ClaimedRow & {
  readonly [column in keyof AttemptRow as `attempt__${column}`]: AttemptRow[column] | null;
};

/** Takes the leases of a group of orders in one commit, but for those whose row another session has locked. Order ids in a group differ. */
export async function claimOrders(
  pool: pg.Pool,
  requests: readonly ClaimRequest[],
): Promise<readonly (ClaimOutcome | HeldUp)[]> {
  const leases = requests.map(({ orderId, leaseMs }) => ({ order_id: orderId, lease_ms: leaseMs }));
  const { rows: found } = await pool.query<ClaimedRow & { readonly is_held_up: boolean }>({
    name: 'claim',
    text: CLAIM_SQL,
    values: toRecordset(CLAIM_COLUMNS, leases),
  });
  const rows = found.filter((row) => !row.is_held_up);
  const heldUp = new Set(found.filter((row) => row.is_held_up).map((row) => row.order_id));
  const isInFlight = ({ status }: ClaimedRow): boolean => status === STATUS_WHILE.open;
  const claimed = rows
    .filter((row) => !isInFlight(row))
    .map((row): Claim => ({ fence: row.fence, order: toOrder(row), openAttempt: null }));
  const inFlight = await readWithAttempts(pool, rows.filter(isInFlight));
  const claims = new Map([...claimed, ...inFlight].map((claim) => [claim.order.request.orderId, claim]));
  return requests.map(({ orderId }) => {
    const claim = claims.get(orderId);
    if (heldUp.has(orderId)) return HELD_UP;
    return claim ? { outcome: 'claimed', claim } : { outcome: 'notAvailable' };
  });
}

/**
 * Reads claimed orders with their open attempts, in one snapshot. Exactly the submitted orders have an open attempt. The
 * claim's own statement cannot read them: it sees the newest row of the order, but attempts only as old as the
 * statement. An order that another process has claimed since then is left out.
 */
async function readWithAttempts(pool: pg.Pool, claimed: readonly ClaimedRow[]): Promise<readonly Claim[]> {
  if (claimed.length === 0) return [];
  const { rows } = await pool.query<ClaimedRowWithAttempt>({
    name: 'read_claimed',
    text: READ_CLAIMED_SQL,
    values: [claimed.map((row) => row.order_id), claimed.map((row) => row.fence)],
  });
  return rows.map((row) => ({ fence: row.fence, order: toOrder(row), openAttempt: toOpenAttempt(row) }));
}

function toOpenAttempt(row: ClaimedRowWithAttempt): Claim['openAttempt'] {
  if (row.attempt__order_id === null) return null;
  const columns = Object.entries(row).filter(([name]) => name.startsWith('attempt__'));
  return toAttempt(
    Object.fromEntries(
      columns.map(([name, value]) => [name.slice('attempt__'.length), value]),
    ) as unknown as AttemptRow,
  );
}
