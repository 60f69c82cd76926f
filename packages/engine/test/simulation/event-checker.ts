import type { OrderEvent } from '../../src/domain/order-event.ts';
import { isEnd } from './ends.ts';
import { hold } from './violation.ts';
import { isUntaken } from './waiting-checker.ts';

/** I3, I6 and I13 by the log of one order alone. */
export function checkOrderOfEvents(events: readonly OrderEvent[], maxTries: number): void {
  let isOver = false;
  let isCancelRequested = false;
  let isOpen = false;
  let firings = 0;
  let hasStopFired = false;
  let routings = 0;
  let attempts = 0;
  for (const [index, event] of events.entries()) {
    const text = () => `order ${event.orderId}: ${event.type} at ${event.sequence} after its end or cancel`;
    if (isOver) hold(event.type === 'order.finalized' || event.type === 'order.reorged', 'I6', text);
    if (isCancelRequested) hold(!STARTS.has(event.type), 'I13', text);
    if (event.type === 'order.cancel_requested') isCancelRequested = true;
    if (event.type === 'order.opened') {
      [isOpen, routings, attempts] = [true, 0, 0];
    }
    if (event.type === 'order.triggered') {
      const what = () => `order ${event.orderId} fires at ${event.sequence}: ${JSON.stringify(event.data)}`;
      hold(isOpen, 'I13', () => `${what()}, and is not open`);
      if (event.data.firing === undefined) {
        hold(!hasStopFired && event.data.by === 'stopPrice', 'I13', () => `${what()}, its stop fired twice`);
        hasStopFired = true;
      } else {
        firings += 1;
        const next = events[index + 1];
        const starts = next?.type === 'order.routing' && next.data.try === 1;
        hold(starts && event.data.firing === firings, 'I13', () => `${what()}, and starts no first try`);
        isOpen = false;
      }
    } else if (isOpen) hold(WHILE_OPEN.has(event.type), 'I13', () => `${text()}: it has not fired`);
    if (event.type === 'order.amended') hold(isOpen, 'I13', () => `${text()}: it is not open`);
    if (event.type === 'order.failed') {
      const isOfMarket = NOT_OF_AN_ORDER_THAT_RESTS.has(event.data.code);
      hold(firings === 0 || !isOfMarket, 'I13', () => `${text()} by ${event.data.code}, and does not rest`);
    }
    if (event.type === 'order.routing') {
      const isRepeated = event.data.interrupted === true;
      hold(event.data.try === (isRepeated ? routings : routings + 1), 'I13', () => `${text()}: try twice`);
      routings = event.data.try;
    }
    if (event.type === 'order.submitted') attempts += 1;
    if (isUntaken(event)) attempts -= 1;
    hold(
      routings <= maxTries && attempts <= maxTries,
      'I3',
      () => `order ${event.orderId} began ${routings} tries and ${attempts} attempts`,
    );
    isOver = event.type === 'order.finalized' || isEnd(event.status);
  }
}

/** Events that begin something, and so may not follow a requested cancel. */
const STARTS: ReadonlySet<OrderEvent['type']> = new Set<OrderEvent['type']>([
  'order.routing',
  'order.building',
  'order.submitted',
  'order.cancel_requested',
  'order.opened',
  'order.triggered',
  'order.amended',
]);

/** Beside its firing, what may happen to an order that rests. */
const WHILE_OPEN: ReadonlySet<OrderEvent['type']> = new Set<OrderEvent['type']>([
  'order.opened',
  'order.amended',
  'order.canceled',
  'order.expired',
]);

/** What the market may refuse today and give tomorrow. */
const NOT_OF_AN_ORDER_THAT_RESTS: ReadonlySet<string> = new Set([
  'min_amount_out_not_met',
  'max_amount_in_exceeded',
  'price_moved',
  'slippage_exceeded',
]);
