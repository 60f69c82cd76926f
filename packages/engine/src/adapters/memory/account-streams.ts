import type { AccountEvent, OrderEvent } from '../../domain/order-event.ts';
import type { OrderStore } from '../../ports/order-store.ts';

/** The streams of the accounts of an in-process store. */
export function createAccountStreams(): Pick<
  OrderStore,
  'numberEvents' | 'accountEvents' | 'accountPosition'
> & {
  /** Takes events that are in the log now. */
  append(accountId: string, events: readonly OrderEvent[]): void;
} {
  const unnumbered: { readonly accountId: string; readonly event: OrderEvent }[] = [];
  const streams = new Map<string, AccountEvent[]>();
  const streamOf = (accountId: string): readonly AccountEvent[] => streams.get(accountId) ?? [];

  return {
    append(accountId, events) {
      for (const event of events) unnumbered.push({ accountId, event });
    },
    async numberEvents(limit) {
      const grown = new Map<string, number>();
      for (const { accountId, event } of unnumbered.splice(0, limit)) {
        const stream = streams.get(accountId) ?? [];
        streams.set(accountId, stream);
        stream.push({ ...event, position: stream.length + 1 });
        grown.set(accountId, (grown.get(accountId) ?? 0) + 1);
      }
      return [...grown].map(([accountId, events]) => ({
        accountId,
        position: streamOf(accountId).length,
        events,
      }));
    },
    accountEvents: async (accountId, after, limit) => streamOf(accountId).slice(after, after + limit),
    accountPosition: async (accountId) => streamOf(accountId).length,
  };
}
