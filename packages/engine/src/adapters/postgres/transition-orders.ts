import type pg from 'pg';
import { isTerminal } from '../../domain/order-status.ts';
import type { Transition, TransitionOutcome } from '../../ports/order-store.ts';
import { toSettingRecord } from './attempt-row.ts';
import { type PositionRow, toAppended } from './event-row.ts';
import { toStateRecord } from './order-row.ts';
import { toRecordingRecord } from './receipt-row.ts';
import { toRecordset } from './recordset.ts';
import { TRANSITION_SQL } from './sql/transition.ts';

/** Commits a group of changes, each of another order. One that does not fit its order is stale and writes nothing. */
export async function transitionOrders(
  pool: pg.Pool,
  transitions: readonly Transition[],
): Promise<readonly TransitionOutcome[]> {
  const changes = transitions.map(({ order, expectedSequence, fence, lease }) => [
    toStateRecord(order),
    {
      order_id: order.request.orderId,
      expected_sequence: expectedSequence,
      expected_fence: fence,
      is_terminal: isTerminal(order.status),
      release_ms: lease.kind === 'release' ? lease.wakeAfterMs : null,
    },
  ]);
  const events = transitions.flatMap(({ order, events }) => toAppended(order.request.accountId, events));
  const recorded = [];
  const set = [];
  for (const { attempt, order } of transitions) {
    if (attempt?.kind === 'record') recorded.push(toRecordingRecord(attempt));
    if (attempt?.kind === 'set') set.push(toSettingRecord(order.request.orderId, attempt));
  }
  const { rows } = await pool.query<PositionRow>({
    name: 'transition',
    text: TRANSITION_SQL,
    values: [toRecordset(changes), `[${events.join()}]`, JSON.stringify(recorded), JSON.stringify(set)],
  });
  const positions = new Map(rows.map((row) => [row.order_id, Number(row.position)]));
  return transitions.map(({ order }) => {
    const position = positions.get(order.request.orderId);
    return position === undefined ? { outcome: 'stale' } : { outcome: 'committed', position };
  });
}
