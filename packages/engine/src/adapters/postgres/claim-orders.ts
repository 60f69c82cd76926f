import type pg from 'pg';
import type { OrderId } from '../../domain/order.ts';
import type { Claim, ClaimOutcome } from '../../ports/order-store.ts';
import { type AttemptRow, toAttempt } from './attempt-row.ts';
import { type OrderRow, toOrder } from './order-row.ts';
import { CLAIM_SQL, READ_CLAIMED_SQL } from './sql/claim.ts';

export interface ClaimRequest {
  readonly orderId: OrderId;
  readonly leaseMs: number;
}

/** An order row with the columns of its open attempt, all null without one. */
type ClaimRow = OrderRow & { readonly fence: number } & {
  readonly [column in keyof AttemptRow as `attempt__${column}`]: AttemptRow[column] | null;
};

/** Takes the leases of a group of orders in one commit. Order ids in a group differ. */
export async function claimOrders(
  pool: pg.Pool,
  requests: readonly ClaimRequest[],
): Promise<readonly ClaimOutcome[]> {
  const { rows } = await pool.query<ClaimRow>({
    name: 'claim',
    text: CLAIM_SQL,
    values: [
      JSON.stringify(requests.map(({ orderId, leaseMs }) => ({ order_id: orderId, lease_ms: leaseMs }))),
    ],
  });
  const claims = new Map(rows.map((row) => [row.order_id, toClaim(row)]));
  await readTornAgain(pool, claims);
  return requests.map(({ orderId }) => {
    const claim = claims.get(orderId);
    return claim ? { outcome: 'claimed', claim } : { outcome: 'notAvailable' };
  });
}

/**
 * Where another process changed an order while the claim waited for its row, the row is newer than the attempts of the
 * statement's snapshot. Such orders are read again, whole; one that was claimed by somebody else since is given up.
 */
async function readTornAgain(pool: pg.Pool, claims: Map<OrderId, Claim>): Promise<void> {
  const torn = [...claims.values()].filter((claim) => !isWhole(claim));
  if (torn.length === 0) return;
  const { rows } = await pool.query<ClaimRow>({
    name: 'read_claimed',
    text: READ_CLAIMED_SQL,
    values: [torn.map(({ order }) => order.request.orderId), torn.map(({ fence }) => fence)],
  });
  for (const { order } of torn) claims.delete(order.request.orderId);
  for (const row of rows) claims.set(row.order_id, toClaim(row));
}

/** The order is `submitted` exactly when its last attempt is open. */
function isWhole({ order, openAttempt }: Claim): boolean {
  if (order.status !== 'submitted') return openAttempt === null;
  return openAttempt?.attemptNumber === order.attemptNumber;
}

function toClaim(row: ClaimRow): Claim {
  return { fence: row.fence, order: toOrder(row), openAttempt: toOpenAttempt(row) };
}

function toOpenAttempt(row: ClaimRow): Claim['openAttempt'] {
  if (row.attempt__order_id === null) return null;
  const columns = Object.entries(row).filter(([name]) => name.startsWith('attempt__'));
  return toAttempt(
    Object.fromEntries(
      columns.map(([name, value]) => [name.slice('attempt__'.length), value]),
    ) as unknown as AttemptRow,
  );
}
