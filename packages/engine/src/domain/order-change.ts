import type { Attempt, AttemptState } from './attempt.ts';
import type { Order } from './order.ts';
import type { OrderEvent } from './order-event.ts';
import type { Receipt } from './receipt.ts';
import { isWhileAlive, STATUS_WHILE, TRANSITIONS } from './transitions.ts';

/** The effect of an order's change on its attempts. */
export type AttemptChange =
  | {
      readonly kind: 'record';
      readonly attempt: Attempt;
      /** Created by the attempt; stored with it, in place of what the order's earlier attempts created. */
      readonly receipt?: Receipt;
    }
  | {
      /** From `open` to a closed state, from `landed` back to `open` (fork), or landed → landed with finalized. */
      readonly kind: 'set';
      readonly attemptNumber: number;
      readonly from: 'open' | 'landed';
      readonly to: AttemptState;
      readonly slot: bigint | null;
      readonly finalized: boolean;
    };

/** A change of one order: its events, the resulting order, and the change of its last attempt. */
export interface OrderChange {
  /** Sequence before the change: the compare of compare-and-set. `order.sequence` is the set. */
  readonly expectedSequence: number;
  /** The order afterwards: `appendEvents(...)`. */
  readonly order: Order;
  readonly events: readonly OrderEvent[];
  readonly attempt?: AttemptChange;
}

/**
 * Every store checks a change with this function before it writes anything.
 *
 * @throws {Error} If the events do not lead from `expectedSequence` to the order without a gap and by `TRANSITIONS`, or if the
 *   order's status is not that of its last attempt's state: a bug of the caller.
 */
export function checkChange({ order, events, expectedSequence, attempt }: OrderChange): void {
  const { orderId } = order.request;
  const isGapless = events.every(
    (event, index) => event.orderId === orderId && event.sequence === expectedSequence + 1 + index,
  );
  const last = events.at(-1);
  const leads = events.every(({ type, status }) => (TRANSITIONS[type].to ?? status) === status);
  if (!isGapless || !leads || last?.sequence !== order.sequence || last.status !== order.status)
    throw new Error(
      `order ${orderId}: its events do not lead from sequence ${expectedSequence} to ${order.sequence}`,
    );
  if (attempt?.kind === 'record' && (attempt.attempt.orderId !== orderId || attempt.attempt.state !== 'open'))
    throw new Error(`order ${orderId}: a new attempt must be its own and open`);
  if (attempt && !fitsStatus(order, attempt))
    throw new Error(`order ${orderId} is ${order.status}, which its last attempt is not`);
}

/** The status says which state the last attempt is in (`STATUS_WHILE`). */
function fitsStatus({ status, attemptNumber }: Order, change: AttemptChange): boolean {
  const { number, state } =
    change.kind === 'record'
      ? { number: change.attempt.attemptNumber, state: change.attempt.state }
      : { number: change.attemptNumber, state: change.to };
  if (number !== attemptNumber) return false;
  return state === 'open' || state === 'landed' ? status === STATUS_WHILE[state] : !isWhileAlive(status);
}
