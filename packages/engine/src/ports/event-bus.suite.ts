import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type OrderId, toAccountId, toOrderId } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import type { EventBus, Publication } from './event-bus.ts';

export interface BusUnderTest {
  readonly publisher: EventBus;
  /** Another process's bus where there are several; otherwise the same one. */
  readonly listener: EventBus;
  close(): Promise<void>;
}

/** What every event bus must do when nothing goes wrong. */
export function eventBusSuite(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`${name} keeps the promises of an event bus`, () => {
    let under: BusUnderTest;
    let orders = 0;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    /** Collects what a listener gets for an order. */
    function listen(orderId: OrderId): { sequences: number[]; end: () => void } {
      const sequences: number[] = [];
      const end = under.listener.subscribe(orderId, (event) => void sequences.push(event.sequence));
      return { sequences, end };
    }

    function newOrderId(): OrderId {
      orders += 1;
      return toOrderId(`order-${orders}`);
    }

    test('delivers the events of an order in the order of publication', async () => {
      const orderId = newOrderId();
      const heard = listen(orderId);
      under.publisher.publish(publicationOf(eventOf(orderId, 1), eventOf(orderId, 2)));
      for (let sequence = 3; sequence <= 20; sequence += 1)
        under.publisher.publish(publicationOf(eventOf(orderId, sequence)));
      await vi.waitFor(() => expect(heard.sequences).toHaveLength(20), 10_000);
      expect(heard.sequences).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    });

    test('delivers events whole, to the byte', async () => {
      const event = eventOf(newOrderId(), 1);
      let heard: OrderEvent | undefined;
      under.listener.subscribe(event.orderId, (one) => {
        heard = one;
      });
      under.publisher.publish(publicationOf(event));
      await vi.waitFor(() => expect(heard).toEqual(event), 10_000);
      expect(JSON.stringify(heard)).toBe(JSON.stringify(event));
    });

    test('delivers no event of other orders', async () => {
      const mine = newOrderId();
      const heard = listen(mine);
      under.publisher.publish(publicationOf(eventOf(newOrderId(), 1), eventOf(mine, 1)));
      await vi.waitFor(() => expect(heard.sequences).toEqual([1]), 10_000);
    });

    test('serves every subscription, and ends one while the others stay', async () => {
      const orderId = newOrderId();
      const [first, second] = [listen(orderId), listen(orderId)];
      under.publisher.publish(publicationOf(eventOf(orderId, 1)));
      await vi.waitFor(() => expect([first.sequences, second.sequences]).toEqual([[1], [1]]), 10_000);
      first.end();
      first.end();
      under.publisher.publish(publicationOf(eventOf(orderId, 2)));
      await vi.waitFor(() => expect(second.sequences).toEqual([1, 2]), 10_000);
      expect(first.sequences).toEqual([1]);
    });

    test('delivers each publication of an account to its listener, whole', async () => {
      const heard: Publication[] = [];
      const end = under.listener.subscribeToAccount(toAccountId('mine'), (publication) =>
        heard.push(publication),
      );
      const [first, second] = [eventOf(newOrderId(), 1), eventOf(newOrderId(), 1)];
      under.publisher.publish({
        accountId: toAccountId('other'),
        position: 99,
        events: [eventOf(newOrderId(), 1)],
      });
      under.publisher.publish({ accountId: toAccountId('mine'), position: 5, events: [first, second] });
      under.publisher.publish({ accountId: toAccountId('mine'), position: 7, events: [first] });
      await vi.waitFor(() => expect(heard).toHaveLength(2), 10_000);
      expect(heard).toEqual([
        { accountId: 'mine', position: 5, events: [first, second] },
        { accountId: 'mine', position: 7, events: [first] },
      ]);
      end();
      const witness = listen(first.orderId);
      under.publisher.publish({ accountId: toAccountId('mine'), position: 8, events: [first] });
      await vi.waitFor(() => expect(witness.sequences).toEqual([1]), 10_000);
      expect(heard).toHaveLength(2);
    });
  });
}

/** An event that is only told apart by its sequence. */
export const eventOf = (orderId: OrderId, sequence: number): OrderEvent => ({
  orderId,
  sequence,
  type: 'order.routing',
  status: 'routing',
  timestamp: '2026-01-01T00:00:00.000Z',
  data: { try: sequence },
});

/** Events as one commit of an account writes them. */
export const publicationOf = (...events: readonly OrderEvent[]): Publication => ({
  accountId: toAccountId('account'),
  position: 1,
  events,
});
