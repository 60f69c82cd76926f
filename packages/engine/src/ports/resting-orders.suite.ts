import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Order, type OrderId, toAccountId } from '../domain/order.ts';
import type { EventDraft } from '../domain/order-event.ts';
import { toEpochMs } from '../domain/timestamp.ts';
import { BUILDING, LEASE_MS, NO_KEYS, newTestOrder, ROUTING, transition } from './order-store.suite.ts';
import type { OrderStore, Transition } from './order-store.ts';

const LIMIT = { type: 'limit', timeInForce: 'gtc', trigger: { limitPrice: '160' } } as const;
const TRIGGERED: EventDraft = {
  type: 'order.triggered',
  data: { by: 'limitPrice', firing: 1, price: '161', slot: '7' },
};
const CANCELED: EventDraft = { type: 'order.canceled', data: { reason: 'why' } };
const OPENED: EventDraft = {
  type: 'order.opened',
  data: { cause: { code: 'price_moved', reason: 'why' }, pausedUntil: '2025-06-15T15:06:41.000Z' },
};
const NOW = { kind: 'release', wakeAfterMs: 0 } as const;

/** What every order store must do for orders that rest. */
export function restingOrdersSuite(
  name: string,
  open: () => Promise<{ readonly store: OrderStore; close(): Promise<void> }>,
): void {
  describe(`${name} keeps orders that rest`, () => {
    let store: OrderStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());

    async function submitOpen(request: Partial<Order['request']> = {}): Promise<Order> {
      const { order, events } = newTestOrder({ ...LIMIT, ...request });
      await store.submit(order, events, NO_KEYS);
      return order;
    }
    const change = (order: Order, drafts: readonly EventDraft[], rest: Partial<Transition> = {}) => ({
      ...transition({ order, fence: 0, openAttempt: null }, drafts, rest),
      fence: null,
    });
    const idsOf = async (orders: Promise<readonly Order[]>): Promise<readonly OrderId[]> =>
      (await orders).map(({ request }) => request.orderId);

    test('an order that rests is open from the start, with both events, and no worker gets it', async () => {
      const order = await submitOpen();
      const { orderId } = order.request;
      expect(await store.get(orderId)).toEqual(order);
      expect((await store.events(orderId, 0, 9)).map(({ type }) => type)).toEqual([
        'order.pending',
        'order.opened',
      ]);
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      expect(await store.dueOrders(1_000)).not.toContain(orderId);
    });

    test('of a fire and a cancel on the same sequence one is written', async () => {
      const order = await submitOpen();
      const results = await Promise.all([
        store.transition(change(order, [TRIGGERED, ROUTING], { lease: NOW })),
        store.transition(change(order, [CANCELED])),
      ]);
      expect(results.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'stale']);
    });

    test('one that fired is due, and rests again with what its firing left', async () => {
      const order = await submitOpen();
      const { orderId } = order.request;
      await store.transition(change(order, [TRIGGERED, ROUTING], { lease: NOW }));
      expect(await store.dueOrders(1_000)).toContain(orderId);
      const claimed = await store.claim(orderId, LEASE_MS);
      if (claimed.outcome !== 'claimed') throw new Error('not claimed');
      expect(claimed.claim.order).toMatchObject({ status: 'routing', tryNumber: 1, resting: { firings: 1 } });
      await store.transition(transition(claimed.claim, [BUILDING, OPENED], { lease: NOW }));
      expect(await store.get(orderId)).toMatchObject({
        ...{ status: 'open', tryNumber: 0, limitAmount: null },
        resting: { firings: 1, stopFired: false, pausedUntilMs: toEpochMs(1_750_000_001_000), amended: {} },
      });
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      expect(await store.dueOrders(1_000)).not.toContain(orderId);
    });

    test('an amendment counts in the request that is read, and the newest value of each field', async () => {
      const order = await submitOpen();
      const first = change(order, [
        { type: 'order.amended', data: { limitPrice: '170', minAmountOut: '170', amountIn: '1.5' } },
      ]);
      await store.transition(first);
      const data = {
        limitPrice: '180',
        minAmountOut: '270',
        timeInForce: 'gtd',
        expiresAt: '2030-01-01T00:00:00.000Z',
      } as const;
      const second = change(first.order, [{ type: 'order.amended', data }]);
      await store.transition(second);
      expect(await store.get(order.request.orderId)).toEqual(second.order);
      expect(second.order.request).toMatchObject({
        ...{ amount: 1_500_000_000n, minAmountOut: 270_000_000n, timeInForce: 'gtd' },
        ...{ trigger: { limitPrice: '180' }, expiresAtMs: Date.parse(data.expiresAt) },
      });
      const third = change(second.order, [{ type: 'order.amended', data: { timeInForce: 'gtc' } }]);
      await store.transition(third);
      expect((await store.get(order.request.orderId))?.request).toMatchObject({
        timeInForce: 'gtc',
        expiresAtMs: null,
      });
    });

    test('open orders are listed by id, page by page, and are unfinished', async () => {
      const accountId = toAccountId(`pages-${name}`);
      const orders = [];
      for (let number = 0; number < 5; number += 1) orders.push(await submitOpen({ accountId }));
      await store.transition(change(orders[1]!, [CANCELED]));
      await store.transition(change(orders[2]!, [TRIGGERED, ROUTING], { lease: NOW }));
      const ids = orders.map(({ request }) => request.orderId);
      const mine = (listed: readonly OrderId[]) => listed.filter((id) => ids.includes(id));
      const listed: OrderId[] = [];
      for (let after: OrderId | null = null; ; ) {
        const page: readonly OrderId[] = await idsOf(store.openOrders(after, 2));
        listed.push(...page);
        after = page.at(-1) ?? null;
        if (page.length < 2) break;
      }
      expect(mine(listed)).toEqual([ids[0], ids[3], ids[4]]);
      expect(mine(await idsOf(store.unfinishedOrders(null, 1_000)))).toEqual([
        ids[0],
        ids[2],
        ids[3],
        ids[4],
      ]);
      const open = { accountId, statuses: ['open'] as const, limit: 10 };
      expect(await idsOf(store.list(open))).toEqual([ids[4], ids[3], ids[0]]);
      expect(await idsOf(store.list({ accountId, limit: 10 }))).toEqual([...ids].reverse());
    });

    test('says which orders began or ceased to rest, or were amended, by their place in the stream', async () => {
      const accountId = toAccountId(`changes-${name}`);
      const [one, two] = [await submitOpen({ accountId }), await submitOpen({ accountId })];
      const market = newTestOrder({ accountId });
      await store.submit(market.order, market.events, NO_KEYS);
      await store.transition(change(one, [{ type: 'order.amended', data: { limitPrice: '170' } }]));
      await store.transition(change(two, [TRIGGERED, ROUTING], { lease: NOW }));
      const [first, second] = [one.request.orderId, two.request.orderId];
      const changes = await store.restingChanges(accountId, 0, 10);
      expect(changes).toEqual([
        { orderId: first, position: 2 },
        { orderId: second, position: 4 },
        { orderId: first, position: 6 },
      ]);
      expect(await store.restingChanges(accountId, 2, 1)).toEqual([{ orderId: second, position: 4 }]);
      expect(await store.restingChanges(accountId, 6, 10)).toEqual([]);
    });
  });
}
