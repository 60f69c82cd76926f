import type { AccountId } from '../../domain/order.ts';
import type { AccountEvent, OrderEvent } from '../../domain/order-event.ts';
import type { OrderStore } from '../../ports/order-store.ts';

/** The streams of the accounts of an in-process store. */
export function createAccountStreams(): Pick<OrderStore, 'accountEvents' | 'accountPosition'> & {
  /** Takes events that are in the log now; returns the position of the first. */
  append(accountId: AccountId, events: readonly OrderEvent[]): number;
} {
  const streams = new Map<AccountId, AccountEvent[]>();
  const streamOf = (accountId: AccountId): readonly AccountEvent[] => streams.get(accountId) ?? [];

  return {
    append(accountId, events) {
      const stream = streams.get(accountId) ?? [];
      streams.set(accountId, stream);
      const first = stream.length + 1;
      for (const event of events) stream.push({ position: stream.length + 1, event });
      return first;
    },
    accountEvents: async (accountId, after, limit) => streamOf(accountId).slice(after, after + limit),
    accountPosition: async (accountId) => streamOf(accountId).length,
  };
}
