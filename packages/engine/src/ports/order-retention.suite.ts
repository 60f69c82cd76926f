import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Order, type OrderId, toAccountId, toOrderId } from '../domain/order.ts';
import type { AttemptChange } from '../domain/order-change.ts';
import type { EventDraft } from '../domain/order-event.ts';
import { type EpochMs, toEpochMs } from '../domain/timestamp.ts';
import { firstIdAt, type OrderRetention } from './order-retention.ts';
import {
  attemptOf,
  BUILDING,
  fill,
  LEASE_MS,
  NO_KEYS,
  newTestOrder,
  ROUTING,
  submitted,
  transition,
} from './order-store.suite.ts';
import type { Claim, OrderStore, SubmissionKeys } from './order-store.ts';

/** A store under test whose clock is later than 2026. */
export interface RetentionUnderTest {
  readonly store: OrderStore;
  readonly retention: OrderRetention;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const CANCELED: EventDraft = { type: 'order.canceled', data: { reason: 'r' } };
/** On the day of the suites' events. */
const START_MS = 1_750_000_000_000;
const KEPT_DAYS = 4;
const SUITE = toAccountId('suite');

const day = (days: number): EpochMs => toEpochMs(START_MS + days * DAY_MS);
const idAt = (days: number): OrderId => toOrderId(`${firstIdAt(day(days))}-7${randomUUID().slice(15)}`);

/** The promises of the OrderRetention port, for every order store. */
export function orderRetentionSuite(name: string, open: () => Promise<RetentionUnderTest>): void {
  describe(`${name} keeps the promises of a retention`, () => {
    let under: RetentionUnderTest;
    let store: OrderStore;
    beforeEach(async () => {
      under = await open();
      store = under.store;
      await removeOn(0); // The window of the first day.
    });
    afterEach(() => under.close());

    const removeOn = async (days: number): Promise<number> =>
      (await under.retention.removeOld(KEPT_DAYS, day(days))).reduce((sum, { orders }) => sum + orders, 0);

    async function submitOn(
      days: number,
      keys: SubmissionKeys = NO_KEYS,
      request: Partial<Order['request']> = {},
    ): Promise<Order> {
      const { order, events } = newTestOrder({ orderId: idAt(days), createdAtMs: day(days), ...request });
      expect(await store.submit(order, events, keys)).toMatchObject({ outcome: 'created' });
      return order;
    }

    async function advance(
      claim: Claim,
      drafts: readonly EventDraft[],
      attempt?: AttemptChange,
    ): Promise<Claim> {
      // What the chain has decided needs no lease.
      const fence = attempt?.kind === 'set' ? null : claim.fence;
      const change = transition(claim, drafts, { fence, ...(attempt && { attempt }) });
      expect(await store.transition(change)).toMatchObject({ outcome: 'committed' });
      return { ...claim, order: change.order };
    }

    async function claimed(order: Order): Promise<Claim> {
      const result = await store.claim(order.request.orderId, LEASE_MS);
      if (result.outcome !== 'claimed') throw new Error('not claimed');
      return result.claim;
    }

    const cancel = async (order: Order): Promise<Claim> => advance(await claimed(order), [CANCELED]);

    /** Confirmed, with its attempt; not final yet. */
    async function confirm(
      order: Order,
      receipt?: Extract<AttemptChange, { kind: 'record' }>['receipt'],
    ): Promise<Claim> {
      const attempt = attemptOf(order, 1);
      const inFlight = await advance(await claimed(order), [ROUTING, BUILDING, submitted(attempt)], {
        kind: 'record',
        attempt,
        ...(receipt && { receipt }),
      });
      return advance(inFlight, [{ type: 'order.confirmed', data: fill(attempt.signature) }], {
        ...{ kind: 'set', attemptNumber: 1, from: 'open', to: 'landed', slot: 101n, finalized: false },
      });
    }

    const finalize = (claim: Claim): Promise<Claim> =>
      advance(claim, [{ type: 'order.finalized', data: fill(claim.order.signature!) }], {
        ...{ kind: 'set', attemptNumber: 1, from: 'landed', to: 'landed', slot: 101n, finalized: true },
      });

    const isKept = async ({ request }: Order): Promise<boolean> =>
      (await store.get(request.orderId)) !== undefined;

    test('removes an order that is over and old, with its log and its attempts, and no younger one', async () => {
      const old = await submitOn(0);
      await finalize(await confirm(old));
      const young = await submitOn(3);
      const final = await finalize(await confirm(young));
      expect(await removeOn(3)).toBe(0);
      expect(await isKept(old)).toBe(true);

      expect(await removeOn(6)).toBe(1);

      const { orderId } = old.request;
      const { signature } = attemptOf(old, 1);
      expect(await store.get(orderId)).toBeUndefined();
      expect(await store.events(orderId, 0, 10)).toEqual([]);
      expect(await store.attempts(orderId)).toEqual([]);
      expect(await store.hasDeparted(orderId)).toBe(true);
      expect(await store.missingAttempts([{ orderId, signature }])).toEqual([]);
      expect(await store.list({ accountId: SUITE, limit: 10 })).toEqual([final.order]);
      expect(await store.newestFinalized(10)).toHaveLength(1);
      expect(await store.events(young.request.orderId, 0, 10)).toHaveLength(6);
      expect(await store.attempts(young.request.orderId)).toHaveLength(1);
      expect(await store.hasDeparted(young.request.orderId)).toBe(false);
      expect(await removeOn(6)).toBe(0);
    });

    test('keeps orders that are open or not final, and the others of their window with them', async () => {
      const over = await submitOn(0);
      await cancel(over);
      const confirmed = await submitOn(0);
      const claim = await confirm(confirmed);
      const open = await submitOn(0);
      expect(await removeOn(30)).toBe(0);
      await finalize(claim);
      expect(await removeOn(30)).toBe(0);
      expect(await Promise.all([over, confirmed, open].map(isKept))).toEqual([true, true, true]);
      await cancel(open);
      expect(await removeOn(30)).toBe(3);
    });

    test('keeps an order that is over while its receipt may stand on the chain', async () => {
      const order = await submitOn(0, NO_KEYS, { executionGuard: 'strict' });
      const { orderId } = order.request;
      await finalize(await confirm(order, { address: 'receipt', seed: 'seed', lamports: 1n }));
      expect(await removeOn(30)).toBe(0);
      await store.forgetReceipts([orderId]);
      expect(await removeOn(30)).toBe(1);
    });

    test('an order that ended late is kept as long as one that was accepted then', async () => {
      const order = await submitOn(0);
      const late = transition(await claimed(order), [CANCELED]);
      const { timestamp: _, ...event } = late.events[0]!;
      const events = [{ ...event, timestamp: new Date(day(20)).toISOString() }] as typeof late.events;
      expect(await store.transition({ ...late, events })).toMatchObject({ outcome: 'committed' });
      expect(await removeOn(23)).toBe(0);
      expect(await removeOn(25)).toBe(1);
    });

    test('a key stands for its order in every window, and for a new one when that has left', async () => {
      const keys = { idempotencyKey: 'key', fingerprint: 'f' };
      const order = await submitOn(0, keys, { clientOrderId: 'mine' });
      const { order: ended } = await cancel(order);
      await removeOn(3);
      const later = (clientOrderId: string | null) =>
        newTestOrder({ orderId: idAt(3), createdAtMs: day(3), clientOrderId });
      const repeat = later('mine');
      expect(await store.submit(repeat.order, repeat.events, keys)).toEqual({
        outcome: 'existing',
        order: ended,
      });
      const other = later(null);
      const conflict = await store.submit(other.order, other.events, { ...keys, fingerprint: 'g' });
      expect(conflict).toMatchObject({ outcome: 'conflict', orderId: order.request.orderId });

      expect(await removeOn(6)).toBe(1);

      expect(await store.known(repeat.order, keys)).toBeNull();
      expect(await store.submit(repeat.order, repeat.events, keys)).toMatchObject({ outcome: 'created' });
      expect(await store.list({ accountId: SUITE, clientOrderId: 'mine', limit: 2 })).toEqual([repeat.order]);
    });

    test('a submission that one key refuses takes no other key', async () => {
      await submitOn(0, NO_KEYS, { clientOrderId: 'mine' });
      const { order, events } = newTestOrder({ clientOrderId: 'mine', amount: 7n });
      const refused = await store.submit(order, events, { idempotencyKey: 'free', fingerprint: 'other' });
      expect(refused).toMatchObject({ outcome: 'conflict', key: 'clientOrderId' });
      await submitOn(0, { idempotencyKey: 'free', fingerprint: 'g' });
    });

    test('says from where on a stream is whole', async () => {
      const old = await submitOn(0);
      await submitOn(3); // Its event lies between those of the old order.
      await cancel(old);
      const [, between] = await store.accountEvents(SUITE, 0, 10);
      expect(await store.departedPosition(SUITE)).toBe(0);
      expect(await removeOn(6)).toBe(1);
      expect(await store.departedPosition(SUITE)).toBe(3);
      expect(await store.accountPosition(SUITE)).toBe(3);
      expect(await store.accountEvents(SUITE, 0, 10)).toEqual([between]);
      const next = await submitOn(6);
      expect(await store.accountEvents(SUITE, 3, 10)).toMatchObject([
        { position: 4, event: { orderId: next.request.orderId } },
      ]);
    });

    test('keeps orders of clocks that were far off, and goes on to take them', async () => {
      const ahead = await submitOn(100_000);
      const behind = await submitOn(0);
      await cancel(behind);
      await submitOn(3);
      expect(await removeOn(6)).toBe(1);
      const tooLate = await submitOn(-3);
      expect(await Promise.all([ahead, tooLate].map(isKept))).toEqual([true, true]);
      await submitOn(12);
      await removeOn(12);
      const kept = await store.list({ accountId: SUITE, limit: 10 });
      expect(kept.map(({ request }) => request.orderId)).toEqual(
        expect.arrayContaining([ahead.request.orderId, tooLate.request.orderId]),
      );
      await cancel(ahead);
      expect(await store.events(ahead.request.orderId, 0, 10)).toHaveLength(2);
    });

    test('keeps what was signed for orders that may still change', async () => {
      const orders = [await submitOn(0), await submitOn(0)];
      const final = await finalize(await confirm(orders[0]!));
      const { order } = await confirm(orders[1]!);
      for (let times = 0; times < 3; times += 1) await under.retention.forgetTransactions();
      expect(await store.attempts(order.request.orderId)).toEqual([
        { ...attemptOf(order, 1), state: 'landed', slot: 101n },
      ]);
      const { signature } = attemptOf(final.order, 1);
      expect(await store.attempts(final.order.request.orderId)).toMatchObject([
        { signature, state: 'landed', finalized: true },
      ]);
    });

    test('tells of no window that was empty', async () => {
      await removeOn(3);
      expect(await under.retention.removeOld(KEPT_DAYS, day(9))).toEqual([]);
      expect(await store.hasDeparted(idAt(0))).toBe(true);
    });

    test('removes an order once when several processes do it', async () => {
      const orders = [await submitOn(0), await submitOn(0)];
      for (const order of orders) await cancel(order);
      const removed = await Promise.all([removeOn(9), removeOn(9), removeOn(9)]);
      expect(removed.reduce((sum, orders) => sum + orders, 0)).toBe(2);
    });

    test('goes by its own clock where that of the process is ahead', async () => {
      const recent = await submitOn((Date.now() - START_MS) / DAY_MS);
      await cancel(recent);
      await under.retention.removeOld(KEPT_DAYS, toEpochMs(Date.now() + 10_000 * DAY_MS));
      expect(await isKept(recent)).toBe(true);
    });
  });
}
