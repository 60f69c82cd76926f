import { toTimestamp } from '../../domain/timestamp.ts';
import { type Awaited, tellsMore } from '../../domain/waiting.ts';
import { msSince } from '../../ports/clock.ts';
import type { Claim } from '../../ports/order-store.ts';
import { commitClaimed } from '../commit.ts';
import type { Engine } from '../engine.ts';
import { expireOrder, hasExpired, timeOf, waitsUntil } from '../waiting/expire-order.ts';

/**
 * Keeps an order waiting that something other than the market stops: its status and its try stay, and it releases its place in
 * the queue. The first check of an outage writes an event; later checks write nothing.
 */
export async function keepWaiting(engine: Engine, claim: Claim, { awaits, reason }: Awaited): Promise<void> {
  const { order, fence } = claim;
  const { orderId } = order.request;
  const nowMs = timeOf(engine, order);
  const sinceMs = order.waitSinceMs ?? nowMs;
  if (hasExpired(engine, order)) return expireOrder(engine, claim);
  const beganAt = engine.clock.moment();
  let waiting = order;
  if (tellsMore(awaits, order.waitingFor)) {
    const untilMs = waitsUntil(engine, order, sinceMs);
    const data = { cause: awaits, reason, since: toTimestamp(sinceMs), until: toTimestamp(untilMs) };
    const told = await commitClaimed(engine, claim, {
      events: [{ type: 'order.waiting', data }],
      lease: { kind: 'release', wakeAfterMs: 0 },
    });
    waiting = told.order;
    engine.waits.note(waiting, msSince(engine.clock, beganAt)); // The log has it already if the order waited before.
    engine.log.warn({ orderId, ...data }, 'order waits');
  } else await engine.orders.release(orderId, fence, 0);
  engine.waitingRoom.enter(waiting);
}
