import { isClosed } from '../domain/attempt.ts';
import type { Order } from '../domain/order.ts';
import type { AttemptChange, Transition } from './order-store.ts';

/**
 * Every store refuses a malformed change alike, before anything is written.
 *
 * @throws {Error} If the events do not lead from `expectedSequence` to the order without a gap, or if the order's status is not
 *   that of its last attempt's state: a bug of the caller.
 */
export function checkTransition({ order, events, expectedSequence, attempt }: Transition): void {
  const { orderId } = order.request;
  const isGapless = events.every(
    (event, index) => event.orderId === orderId && event.sequence === expectedSequence + 1 + index,
  );
  const last = events.at(-1);
  if (!isGapless || last?.sequence !== order.sequence || last.status !== order.status)
    throw new Error(
      `order ${orderId}: its events do not lead from sequence ${expectedSequence} to ${order.sequence}`,
    );
  if (attempt?.kind === 'record' && (attempt.attempt.orderId !== orderId || attempt.attempt.state !== 'open'))
    throw new Error(`order ${orderId}: a new attempt must be its own and open`);
  if (attempt && !fitsStatus(order, attempt))
    throw new Error(`order ${orderId} is ${order.status}, which its last attempt is not`);
}

/** Submitted while the attempt is open, confirmed while it has landed, otherwise neither. */
function fitsStatus({ status, attemptNumber }: Order, change: AttemptChange): boolean {
  const { number, state } =
    change.kind === 'record'
      ? { number: change.attempt.attemptNumber, state: change.attempt.state }
      : { number: change.attemptNumber, state: change.to };
  if (number !== attemptNumber) return false;
  if (isClosed(state)) return status !== 'submitted' && status !== 'confirmed';
  return status === (state === 'open' ? 'submitted' : 'confirmed');
}
