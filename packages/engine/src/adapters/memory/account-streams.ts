import type { AccountId, OrderId } from '../../domain/order.ts';
import {
  type AccountEvent,
  type OrderEvent,
  type OrderEventType,
  RESTING_CHANGES,
} from '../../domain/order-event.ts';
import type { OrderStore } from '../../ports/order-store.ts';

const IS_RESTING_CHANGE: Partial<Record<OrderEventType, true>> = Object.fromEntries(
  RESTING_CHANGES.map((type) => [type, true]),
);

interface Stream {
  events: AccountEvent[];
  end: number;
  departed: number;
}

type StreamMethods = Pick<
  OrderStore,
  'accountEvents' | 'accountPosition' | 'departedPosition' | 'restingChanges'
>;

/** The streams of the accounts of an in-process store. */
export function createAccountStreams(): StreamMethods & {
  /** Takes events that are in the log now; returns the position of the first. */
  append(accountId: AccountId, events: readonly OrderEvent[]): number;
  /** Removes the events of an order. */
  depart(accountId: AccountId, orderId: OrderId): void;
} {
  const streams = new Map<AccountId, Stream>();

  return {
    append(accountId, events) {
      const stream = streams.get(accountId) ?? { events: [], end: 0, departed: 0 };
      streams.set(accountId, stream);
      const first = stream.end + 1;
      for (const event of events) stream.events.push({ position: ++stream.end, event });
      return first;
    },
    depart(accountId, orderId) {
      const stream = streams.get(accountId);
      if (!stream) return;
      const isOf = ({ event }: AccountEvent): boolean => event.orderId === orderId;
      stream.departed = Math.max(stream.departed, stream.events.findLast(isOf)?.position ?? 0);
      stream.events = stream.events.filter((event) => !isOf(event));
    },
    accountEvents: async (accountId, after, limit) => {
      const { events = [], end = 0 } = streams.get(accountId) ?? {};
      // Without gaps the place of an event follows from its position.
      const from = events.length === end ? after : events.findIndex(({ position }) => position > after);
      return from === -1 ? [] : events.slice(from, from + limit);
    },
    restingChanges: async (accountId, after, limit) =>
      (streams.get(accountId)?.events ?? [])
        .filter(({ position, event }) => position > after && IS_RESTING_CHANGE[event.type])
        .slice(0, limit)
        .map(({ position, event: { orderId } }) => ({ orderId, position })),
    accountPosition: async (accountId) => streams.get(accountId)?.end ?? 0,
    departedPosition: async (accountId) => streams.get(accountId)?.departed ?? 0,
  };
}
