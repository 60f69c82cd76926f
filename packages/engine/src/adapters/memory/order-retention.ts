import type { AccountId, OrderId } from '../../domain/order.ts';
import { isTerminal } from '../../domain/order-status.ts';
import { fromTimestamp, toEpochMs } from '../../domain/timestamp.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  firstIdAt,
  type OrderRetention,
  retainedFrom,
  windowEnd,
  windowMs,
} from '../../ports/order-retention.ts';
import type { OrderStore } from '../../ports/order-store.ts';
import type { OrderEntry } from './order-entry.ts';

interface Window {
  readonly from: string;
  readonly until: string;
}

interface Holdings {
  readonly entries: Map<OrderId, OrderEntry>;
  readonly keyed: { forget(entry: OrderEntry): void };
  /** Removes an order's events from its account's stream. */
  readonly depart: (accountId: AccountId, orderId: OrderId) => void;
  readonly hasReceipt: (orderId: OrderId) => boolean;
  readonly clock: Pick<Clock, 'now'>;
}

/** Removes old orders of the in-process store, by windows as a database does. */
export function createMemoryRetention({
  entries,
  keyed,
  depart,
  hasReceipt,
  clock,
}: Holdings): OrderRetention & Pick<OrderStore, 'hasDeparted'> {
  let windows: readonly Window[] = [];
  const departed: Window[] = [];

  function beginNext(days: number, now: ReturnType<typeof toEpochMs>): void {
    const last = windows.at(-1);
    if (last && last.until > firstIdAt(now + windowMs(days) / 2)) return;
    windows = [...windows, { from: last?.until ?? '', until: firstIdAt(windowEnd(days, now)) }];
  }

  const mayLeave =
    (beforeMs: number) =>
    ({ order, events }: OrderEntry): boolean =>
      isTerminal(order.status) &&
      (order.status !== 'confirmed' || order.finalized) &&
      !hasReceipt(order.request.orderId) &&
      events.every(({ timestamp }) => fromTimestamp(timestamp) < beforeMs);

  return {
    hasDeparted: async (orderId) => departed.some((window) => isWithin(orderId, window)),
    async removeOld(days, now) {
      const ours = toEpochMs(Math.min(now, clock.now()));
      beginNext(days, ours);
      const beforeMs = retainedFrom(days, ours);
      const leaving = windows
        .filter(({ until }) => until <= firstIdAt(beforeMs))
        .map((window) => ({
          window,
          inside: [...entries.values()].filter(({ order }) => isWithin(order.request.orderId, window)),
        }))
        .filter(({ inside }) => inside.every(mayLeave(beforeMs)));
      for (const { window, inside } of leaving) {
        for (const entry of inside) {
          const { accountId, orderId } = entry.order.request;
          entries.delete(orderId);
          keyed.forget(entry);
          depart(accountId, orderId);
        }
        departed.push(window);
        windows = windows.filter((one) => one !== window);
      }
      return leaving.map(({ inside }) => ({ orders: inside.length })).filter(({ orders }) => orders > 0);
    },
    forgetTransactions: async () => {},
  };
}

const isWithin = (orderId: OrderId, { from, until }: Window): boolean => orderId >= from && orderId < until;
