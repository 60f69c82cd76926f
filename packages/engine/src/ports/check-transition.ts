import type { Transition } from './order-store.ts';

/**
 * Every store refuses a malformed change alike, before anything is written.
 *
 * @throws {Error} If the events do not lead from `expectedSequence` to the order without a gap: a bug of the caller.
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
}
