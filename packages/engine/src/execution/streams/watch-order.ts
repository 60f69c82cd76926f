import type { Order, OrderId } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { isTerminal } from '../../domain/order-status.ts';
import type { Ports } from '../ports.ts';
import { isHeld, startHeldOrder } from '../tries/held-order.ts';
import { createWakeSignal } from '../waiting/wake-signal.ts';

// How long a stream waits without an event before it checks the log for events that the bus dropped.
const RECHECK_MS = 10_000;
const PAGE_EVENTS = 500;

/**
 * The order's events after `after`, gap-free and in order, as they are committed.
 * Subscribes before it reads, so nothing falls between. Ends after the terminal event, at once if that was
 * already seen, or when the signal aborts. `finalized` is not part of it: it follows in the log.
 *
 * @param held `start` if this stream is the client's own: it starts a held order once the client has read the `pending` event.
 * `leave` for streams that only watch.
 */
export async function* watchOrder(
  ports: Ports,
  orderId: OrderId,
  after: number,
  signal: AbortSignal,
  held: 'start' | 'leave' = 'leave',
): AsyncGenerator<OrderEvent, void, undefined> {
  const inbox: OrderEvent[] = [];
  const wakeSignal = createWakeSignal(ports.clock, signal);
  const unsubscribe = ports.bus.subscribe(orderId, (event) => {
    inbox.push(event);
    wakeSignal.wake();
  });
  try {
    let last = after;
    let mustRead = true;
    while (!signal.aborted) {
      const fresh = inbox.splice(0).filter((event) => event.sequence > last);
      const read: boolean = mustRead || (fresh.length > 0 && !follows(fresh, last));
      const page: readonly OrderEvent[] = read
        ? await ports.orders.events(orderId, last, PAGE_EVENTS)
        : fresh;
      for (const [index, event] of page.entries()) {
        if (event.type === 'order.finalized') return; // Only a reader that has seen the terminal event gets here.
        yield event;
        last = event.sequence;
        if (endsStream(event, page[index + 1])) return;
      }
      mustRead = page.length === PAGE_EVENTS;
      const holds = held === 'start' && page.length === 1 && isHold(page[0]);
      if (page.length > 0 && !holds) continue;
      if (read || holds) {
        const order = await ports.orders.get(orderId);
        if (isOver(order, last)) return;
        if (held === 'start' && order && isHeld(order)) await startHeldOrder(ports, order);
      }
      mustRead = !(await wakeSignal.wait(RECHECK_MS));
    }
  } finally {
    unsubscribe();
  }
}

/** Whether a stream after `after` would end without an event, because the client has seen the terminal event. */
export async function hasSeenTheEnd(ports: Ports, order: Order, after: number): Promise<boolean> {
  if (!isTerminal(order.status)) return false;
  const [next] = await ports.orders.events(order.request.orderId, after, 1);
  return next === undefined || next.type === 'order.finalized';
}

/** A terminal event ends the stream, unless the next event reopens the order after a fork. */
function endsStream(event: OrderEvent, next: OrderEvent | undefined): boolean {
  return isTerminal(event.status) && next?.type !== 'order.reorged';
}

const follows = (events: readonly OrderEvent[], last: number): boolean =>
  events.every((event, index) => event.sequence === last + 1 + index);

/** A client that resumes at or after the terminal event has nothing to wait for. */
const isOver = (order: Order | undefined, last: number): boolean =>
  !order || (isTerminal(order.status) && order.sequence <= last);

const isHold = (event: OrderEvent | undefined): boolean =>
  event?.type === 'order.pending' && event.data.heldUntil !== undefined;
