import type { Moment } from '../../domain/moment.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import type { EpochMs } from '../../domain/timestamp.ts';
import { msSince } from '../../ports/clock.ts';
import type { Ports } from '../ports.ts';

/**
 * How long orders have waited. The process measures a wait with its monotonic clock from the moment it first sees it, so that
 * setting the time of day neither ends nor extends a wait. For time before that, in another process, it uses the difference
 * of two times of day.
 */
export interface WaitTimes {
  /** Milliseconds since the order began to wait; 0 for one that does not. */
  waitedMs(order: Order): number;
  /** Records that the order began to wait so many milliseconds ago. Does not change a known wait. */
  note(order: Order, waitedMs: number): void;
}

export type WithWaits = Ports & { readonly waits: WaitTimes };

interface Seen {
  readonly sinceMs: EpochMs;
  readonly waitedMs: number;
  readonly seenAt: Moment;
}

export function createWaitTimes({ clock, limits }: Pick<Ports, 'clock' | 'limits'>): WaitTimes {
  /** The longest seen first. */
  const seen = new Map<OrderId, Seen>();

  /** Orders that this process saw wait may end in another one. */
  function forgetOld(): void {
    for (const [orderId, { seenAt }] of seen) {
      if (msSince(clock, seenAt) <= 2 * limits.maxWaitMs) return;
      seen.delete(orderId);
    }
  }

  function find({ request, waitSinceMs }: Order, waitedMs: number): Seen | null {
    if (waitSinceMs === null) return null;
    const known = seen.get(request.orderId);
    if (known?.sinceMs === waitSinceMs) return known;
    forgetOld();
    const now = { sinceMs: waitSinceMs, waitedMs, seenAt: clock.moment() };
    seen.delete(request.orderId); // So that it comes last.
    seen.set(request.orderId, now);
    return now;
  }

  return {
    waitedMs(order) {
      const wait = find(order, Math.max(0, clock.now() - (order.waitSinceMs ?? 0)));
      return wait ? wait.waitedMs + msSince(clock, wait.seenAt) : 0;
    },
    note: (order, waitedMs) => void find(order, waitedMs),
  };
}
