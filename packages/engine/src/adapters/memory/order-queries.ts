import type { Order } from '../../domain/order.ts';
import { isTerminal } from '../../domain/order-status.ts';
import type { OrderFilter, OrderStore } from '../../ports/order-store.ts';
import { frozenCopy } from './frozen-copy.ts';
import { byOrderId, type OrderEntries } from './order-entry.ts';

type QueryMethods = Pick<
  OrderStore,
  | 'get'
  | 'list'
  | 'events'
  | 'attempts'
  | 'unfinalizedAttempts'
  | 'unfinishedOrders'
  | 'openOrders'
  | 'newestFinalized'
  | 'missingAttempts'
  | 'newestSigningSlot'
>;

/** The read-only queries of the store. */
export const createOrderQueries = (entries: OrderEntries): QueryMethods => ({
  get: async (orderId) => entries.get(orderId)?.order,
  list: async (filter) => {
    const { offset = 0 } = filter;
    const orders = [...entries.values()].map((entry) => entry.order);
    return orders
      .filter((order) => matches(order, filter))
      .sort((a, b) => (a.request.orderId < b.request.orderId ? 1 : -1))
      .slice(offset, offset + filter.limit);
  },
  events: async (orderId, afterSequence, limit) =>
    (entries.get(orderId)?.events ?? []).slice(afterSequence, afterSequence + limit),
  attempts: async (orderId) => (entries.get(orderId)?.attempts ?? []).map(frozenCopy),
  unfinalizedAttempts: async (limit) =>
    [...entries.values()]
      .flatMap((entry) => entry.attempts)
      .filter((attempt) => attempt.state === 'landed' && !attempt.finalized)
      .sort((a, b) => a.recordedAtMs - b.recordedAtMs || (a.orderId < b.orderId ? -1 : 1))
      .slice(0, limit)
      .map(frozenCopy),
  unfinishedOrders: async (after, limit) =>
    [...entries.values()]
      .filter(({ order }) => !isTerminal(order.status) && (after === null || order.request.orderId > after))
      .sort(byOrderId)
      .slice(0, limit)
      .map(({ order }) => order),
  openOrders: async (after, limit) =>
    [...entries.values()]
      .filter(({ order }) => order.status === 'open' && (after === null || order.request.orderId > after))
      .sort(byOrderId)
      .slice(0, limit)
      .map(({ order }) => order),
  newestFinalized: async (limit) =>
    [...entries.values()]
      .filter(({ order }) => order.status === 'confirmed' && order.finalized)
      .filter(({ order, attempts }) => attempts.some(({ signature }) => signature === order.signature))
      .sort(byOrderId)
      .reverse()
      .slice(0, limit)
      .map(({ order: { request, signature, slot } }) => ({
        orderId: request.orderId,
        signature: signature!,
        slot: slot!,
      })),
  missingAttempts: async (listed) =>
    listed
      .filter(({ orderId, signature }) => {
        const entry = entries.get(orderId);
        if (!entry || entry.order.signature === signature) return false;
        return !entry.attempts.some((attempt) => attempt.signature === signature);
      })
      .map(({ signature }) => signature),
  newestSigningSlot: async (beforeMs) => {
    let newest: bigint | null = null;
    for (const { attempts } of entries.values())
      for (const { signingSlot, recordedAtMs } of attempts)
        if (recordedAtMs < beforeMs && (newest === null || signingSlot > newest)) newest = signingSlot;
    return newest;
  },
});

function matches({ request, status, needsReview }: Order, filter: OrderFilter): boolean {
  return (
    request.accountId === filter.accountId &&
    (filter.statuses?.includes(status) ?? true) &&
    (filter.mintIn === undefined || request.tokenIn.mint === filter.mintIn) &&
    (filter.mintOut === undefined || request.tokenOut.mint === filter.mintOut) &&
    (filter.clientOrderId === undefined || request.clientOrderId === filter.clientOrderId) &&
    (!filter.needsReview || needsReview) &&
    (filter.before === undefined || request.orderId < filter.before)
  );
}
