import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newOrder } from '../domain/apply-event.ts';
import type { AccountEvent, OrderEvent } from '../domain/order-event.ts';
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
    let account: string;
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    beforeEach(() => {
      account = `account-${randomUUID()}`;
    });
    afterAll(() => under.close());

    /** An order with `count` events in its log; timestamps as given, otherwise alike. */
    async function submit(
      accountId: string,
      count: number,
      timestamps: readonly string[] = [],
    ): Promise<string> {
      const { order, events } = orderOf(accountId);
      const all = Array.from({ length: count }, (_, index) => ({
        ...events[0]!,
        sequence: index + 1,
        timestamp: timestamps[index] ?? events[0]!.timestamp,
      })) as OrderEvent[];
      const keys = { idempotencyKey: null, fingerprint: order.request.orderId };
      expect(await store.submit({ ...order, sequence: count }, all, keys)).toEqual({ outcome: 'created' });
      return order.request.orderId;
    }

    async function numberAll(limit = 1_000): Promise<void> {
      while ((await store.numberEvents(limit)).length > 0);
    }

    const stream = (accountId = account): Promise<readonly AccountEvent[]> =>
      store.accountEvents(accountId, 0, 10_000);

    test('numbers every event of an account from 1 without a gap', async () => {
      const ids = [await submit(account, 3), await submit(account, 2)];
      await numberAll();
      const events = await stream();
      expect(events.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
      expect(await store.accountPosition(account)).toBe(5);
      for (const orderId of ids) {
        const ofOrder = events.filter((event) => event.orderId === orderId);
        const log = await store.events(orderId, 0, 10);
        expect(ofOrder.map(({ position, ...event }) => event)).toEqual(log);
      }
    });

    test('keeps accounts apart', async () => {
      const other = `${account}-other`;
      await submit(account, 2);
      await submit(other, 3);
      await numberAll();
      expect((await stream()).map(({ position }) => position)).toEqual([1, 2]);
      expect((await stream(other)).map(({ position }) => position)).toEqual([1, 2, 3]);
    });

    test('says which streams have grown, how far and by how much', async () => {
      await numberAll();
      await submit(account, 2);
      expect(await store.numberEvents(1_000)).toEqual([{ accountId: account, position: 2, events: 2 }]);
      await submit(account, 1);
      expect(await store.numberEvents(1_000)).toEqual([{ accountId: account, position: 3, events: 1 }]);
      expect(await store.numberEvents(1_000)).toEqual([]);
    });

    test('keeps the events of an order in order although a clock ran backwards', async () => {
      const day = (hour: string) => `2026-01-01T${hour}:00:00.000Z`;
      await submit(account, 4, [day('12'), day('03'), day('13'), day('01')]);
      await submit(account, 1, [day('02')]);
      await numberAll();
      expectWhole(await stream());
    });

    test('numbers no more than asked for at once, and goes on where it was', async () => {
      await numberAll();
      for (let order = 0; order < 4; order += 1) await submit(account, 3);
      expect(await store.numberEvents(5)).toMatchObject([{ events: 5, position: 5 }]);
      expect(await store.numberEvents(5)).toMatchObject([{ events: 5, position: 10 }]);
      expect(await store.numberEvents(5)).toMatchObject([{ events: 2, position: 12 }]);
      expectWhole(await stream());
    });

    test('reads on from any position, by pages', async () => {
      await submit(account, 5);
      await numberAll();
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

    test('loses and doubles nothing when several number while orders are written', async () => {
      const submissions = Promise.all(Array.from({ length: 100 }, () => submit(account, 3)));
      const numberers = Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let round = 0; round < 25; round += 1) await store.numberEvents(20);
        }),
      );
      await Promise.all([submissions, numberers]);
      await numberAll();
      const events = await stream();
      expect(events).toHaveLength(300);
      expectWhole(events);
    });
  });
}

/** Positions without a gap, and of each order the sequence without a gap. */
function expectWhole(events: readonly AccountEvent[]): void {
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
  const last = new Map<string, number>();
  for (const { orderId, sequence } of events) {
    expect(sequence).toBe((last.get(orderId) ?? 0) + 1);
    last.set(orderId, sequence);
  }
}

const orderOf = (accountId: string) =>
  newOrder({
    orderId: randomUUID(),
    accountId,
    clientOrderId: null,
    type: 'market',
    tokenIn: { mint: 'So1', symbol: 'SOL', decimals: 9, tokenProgram: 'tokens' },
    tokenOut: { mint: 'Usdc', symbol: 'USDC', decimals: 6, tokenProgram: 'tokens' },
    swapMode: 'exactIn',
    amount: 1n,
    slippageBps: 100,
    maxPriceImpactBps: null,
    minAmountOut: null,
    maxAmountIn: null,
    dialect: null,
    heldUntilMs: null,
    executionGuard: 'protocol',
    createdAtMs: 1_750_000_000_000,
  });
