import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { appendEvents } from '../domain/apply-event.ts';
import { type AccountId, type OrderId, toAccountId } from '../domain/order.ts';
import type { AccountEvent } from '../domain/order-event.ts';
import { toEpochMs } from '../domain/timestamp.ts';
import { newTestOrder } from './order-store.suite.ts';
import type { OrderStore } from './order-store.ts';

export interface StreamsUnderTest {
  readonly store: OrderStore;
  close(): Promise<void>;
}

/** What every order store must do with the streams of its accounts. */
export function accountStreamSuite(name: string, open: () => Promise<StreamsUnderTest>): void {
  describe(`${name} keeps the promises of an account's stream`, () => {
    let under: StreamsUnderTest;
    let store: OrderStore;
    let account: AccountId;
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    beforeEach(() => {
      account = toAccountId(`account-${randomUUID()}`);
    });
    afterAll(() => under.close());

    /** An order with `count` events in its log. */
    async function submit(accountId: AccountId, count: number): Promise<OrderId> {
      const { order, events } = newTestOrder({ accountId });
      const all = Array.from({ length: count }, (_, index) => ({ ...events[0]!, sequence: index + 1 }));
      const keys = { idempotencyKey: null, fingerprint: order.request.orderId };
      const result = await store.submit({ ...order, sequence: count }, all, keys);
      if (result.outcome !== 'created') throw new Error('not created');
      positions.set(order.request.orderId, result.position);
      return order.request.orderId;
    }
    /** Where the store said that an order's events begin. */
    const positions = new Map<string, number | null>();

    const stream = (accountId = account): Promise<readonly AccountEvent[]> =>
      store.accountEvents(accountId, 0, 10_000);

    test('numbers every event of an account from 1 without a gap', async () => {
      const ids = [await submit(account, 3), await submit(account, 2)];
      const events = await stream();
      expect(events.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
      expect(await store.accountPosition(account)).toBe(5);
      for (const orderId of ids) {
        const ofOrder = events.filter(({ event }) => event.orderId === orderId);
        const log = await store.events(orderId, 0, 10);
        expect(ofOrder.map(({ event }) => event)).toEqual(log);
        expect(ofOrder[0]?.position).toBe(positions.get(orderId));
      }
    });

    test('keeps accounts apart', async () => {
      const other = toAccountId(`${account}-other`);
      await submit(account, 2);
      await submit(other, 3);
      expect((await stream()).map(({ position }) => position)).toEqual([1, 2]);
      expect((await stream(other)).map(({ position }) => position)).toEqual([1, 2, 3]);
    });

    test('reads from any position, by pages', async () => {
      await submit(account, 5);
      const positions = async (after: number, limit: number) =>
        (await store.accountEvents(account, after, limit)).map(({ position }) => position);
      expect(await positions(0, 2)).toEqual([1, 2]);
      expect(await positions(2, 2)).toEqual([3, 4]);
      expect(await positions(4, 2)).toEqual([5]);
      expect(await positions(5, 2)).toEqual([]);
      expect(await positions(99, 2)).toEqual([]);
    });

    test('an account without events has an empty stream', async () => {
      expect(await stream()).toEqual([]);
      expect(await store.accountPosition(account)).toBe(0);
    });

    test('gives each change the positions of its events, however many changes are written at once', async () => {
      const submitted = await Promise.all(Array.from({ length: 100 }, () => submit(account, 3)));
      const events = await stream();
      expect(events).toHaveLength(300);
      expectWhole(events);
      for (const orderId of submitted)
        expect(events.find(({ event }) => event.orderId === orderId)?.position).toBe(positions.get(orderId));
    });

    test('numbers the changes of a chain one after another', async () => {
      const { order, events } = newTestOrder({ accountId: account });
      const { orderId } = order.request;
      await store.submit(order, events, { idempotencyKey: null, fingerprint: orderId });
      const claim = await store.claim(orderId, 30_000);
      if (claim.outcome !== 'claimed') throw new Error('not claimed');
      let at = order;
      const results = await Promise.all(
        [1, 2, 3].map((number) => {
          const next = appendEvents(at, [{ type: 'order.routing', data: { try: number } }], toEpochMs(0));
          const expectedSequence = at.sequence;
          at = next.order;
          const { fence } = claim.claim;
          return store.transition({ expectedSequence, fence, ...next, lease: { kind: 'keep' } });
        }),
      );
      expect(results).toEqual([2, 3, 4].map((position) => ({ outcome: 'committed', position })));
    });

    test('gives no position for a submission that was stored before, and writes it once', async () => {
      const { order, events } = newTestOrder({ accountId: account });
      const keys = { idempotencyKey: null, fingerprint: order.request.orderId };
      expect(await store.submit(order, events, keys)).toEqual({ outcome: 'created', position: 1 });
      expect(await store.submit(order, events, keys)).toEqual({ outcome: 'created', position: null });
      expect(await store.accountPosition(account)).toBe(1);
    });

    test('shows a concurrent reader no event before those with lower positions', async () => {
      let isWriting = true;
      const readers = Array.from({ length: 3 }, async () => {
        while (isWriting) expectWhole(await stream());
      });
      await Promise.all(Array.from({ length: 200 }, () => submit(account, 2)));
      isWriting = false;
      await Promise.all(readers);
      expect(await stream()).toHaveLength(400);
    });
  });
}

/** Positions without a gap, and of each order the sequence without a gap. */
function expectWhole(events: readonly AccountEvent[]): void {
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
  const last = new Map<string, number>();
  for (const {
    event: { orderId, sequence },
  } of events) {
    expect(sequence).toBe((last.get(orderId) ?? 0) + 1);
    last.set(orderId, sequence);
  }
}
