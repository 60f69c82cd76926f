import type pg from 'pg';
import { isClosed } from '../../domain/attempt.ts';
import type { OrderId } from '../../domain/order.ts';
import type { AttemptChange } from '../../domain/order-change.ts';
import { isTerminal } from '../../domain/order-status.ts';
import { STATUS_WHILE } from '../../domain/transitions.ts';
import type { Transition, TransitionOutcome } from '../../ports/order-store.ts';
import { HELD_UP, type HeldUp } from './batcher.ts';
import { CLOSED_ATTEMPT } from './rows/attempt-row.ts';
import { NEW_EVENT, type PositionRow, toEventRecord } from './rows/event-row.ts';
import { NEW_ATTEMPT, toNewAttempt } from './rows/receipt-row.ts';
import { encodeRows } from './rows/row-type.ts';
import { ORDER_CHANGE, TRANSITION_SQL } from './sql/transition.ts';

/**
 * Commits a group of changes, each of another order. One that does not fit its order is stale and writes nothing, nor does
 * one whose row another session has locked.
 */
export async function transitionOrders(
  pool: pg.Pool,
  transitions: readonly Transition[],
): Promise<readonly (TransitionOutcome | HeldUp)[]> {
  const changes = transitions.map((transition) => [toChange(transition), transition.order]);
  const events = transitions.flatMap(({ order, events }) =>
    events.map((event) => [toEventRecord(order.request.accountId, event)]),
  );
  const recorded = [];
  const closed = [];
  for (const { attempt, order } of transitions) {
    if (attempt?.kind === 'record') recorded.push(toNewAttempt(attempt));
    else if (attempt && isClosed(attempt.to)) closed.push([toClosed(order.request.orderId, attempt)]);
  }
  const { rows } = await pool.query<PositionRow | HeldUpRow>({
    name: 'transition',
    text: TRANSITION_SQL,
    values: [
      encodeRows(ORDER_CHANGE, changes),
      encodeRows(NEW_EVENT, events),
      encodeRows(NEW_ATTEMPT, recorded),
      encodeRows(CLOSED_ATTEMPT, closed),
      transitions.map(({ order }) => order.request.orderId),
    ],
  });
  const positions = new Map(rows.map(({ order_id, position }) => [order_id, position]));
  return transitions.map(({ order }) => {
    const position = positions.get(order.request.orderId);
    if (position === null) return HELD_UP;
    return position === undefined
      ? { outcome: 'stale' }
      : { outcome: 'committed', position: Number(position) };
  });
}

/** Of an order of which another session has locked the row. */
interface HeldUpRow {
  readonly order_id: OrderId;
  readonly position: null;
}

type AttemptSetting = Extract<AttemptChange, { kind: 'set' }>;

const toChange = ({ order, expectedSequence, fence, lease, attempt }: Transition): object => ({
  order_id: order.request.orderId,
  expected_sequence: expectedSequence,
  expected_fence: fence,
  records_attempt: attempt?.kind === 'record',
  expected_attempt: attempt && expectedAttempt(attempt),
  expected_status: attempt?.kind === 'set' ? STATUS_WHILE[attempt.from] : null,
  is_terminal: isTerminal(order.status),
  release_ms: lease.kind === 'release' ? lease.wakeAfterMs : null,
});

/** A new attempt has a number above all others. */
const expectedAttempt = (change: AttemptChange): number =>
  change.kind === 'record' ? change.attempt.attemptNumber - 1 : change.attemptNumber;

const toClosed = (orderId: OrderId, { attemptNumber, to, slot }: AttemptSetting): object => ({
  order_id: orderId,
  attempt_number: attemptNumber,
  closed_as: to,
  slot,
});
