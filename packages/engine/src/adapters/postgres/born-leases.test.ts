import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendEvents } from '../../domain/apply-event.ts';
import type { Order } from '../../domain/order.ts';
import { toEpochMs } from '../../domain/timestamp.ts';
import { NO_KEYS, newTestOrder, ROUTING } from '../../ports/order-store.suite.ts';
import { migrate } from './migrate.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { openPglite } from './pglite/pglite.ts';

const LEASE_MS = 30_000;

describe('an order of the only process of its store', () => {
  let pool: pg.Pool;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ pool, close } = await openPglite());
    await migrate(pool);
  });
  afterAll(() => close());

  const open = (bornLeaseMs = LEASE_MS) => createPostgresOrderStore({ pool, bornLeaseMs });

  async function submitTo(store: ReturnType<typeof open>): Promise<Order> {
    const { order, events } = newTestOrder();
    expect(await store.submit(order, events, NO_KEYS)).toMatchObject({ outcome: 'created' });
    return order;
  }

  async function rowOf({ request }: Order): Promise<{ fence: number; left_ms: number; version: string }> {
    const { rows } = await pool.query(
      `SELECT fence, xmin::text AS version, extract(epoch FROM lease_until - now())::float * 1000 AS left_ms
       FROM orders WHERE order_id = $1`,
      [request.orderId],
    );
    return rows[0];
  }

  test('is stored with a lease, which its first claim takes over without a write', async () => {
    const store = open();
    const order = await submitTo(store);
    const born = await rowOf(order);
    expect(born.fence).toBe(1);
    expect(born.left_ms).toBeGreaterThan(LEASE_MS - 10_000);
    expect(await store.claim(order.request.orderId, LEASE_MS)).toEqual({
      outcome: 'claimed',
      claim: { fence: 1, order, openAttempt: null },
    });
    expect((await rowOf(order)).version).toBe(born.version);
    expect(await store.claim(order.request.orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
  });

  test('goes to no other process while its lease lasts, and to the next process when the first is dead', async () => {
    const order = await submitTo(open(300));
    const next = open();
    expect(await next.claim(order.request.orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
    await wait(350);
    expect(await next.claim(order.request.orderId, LEASE_MS)).toMatchObject({ claim: { fence: 2 } });
  });

  test('is read again if it was changed before its first claim', async () => {
    const store = open();
    const order = await submitTo(store);
    const next = appendEvents(order, [ROUTING], toEpochMs(Date.now()));
    await store.transition({ ...next, expectedSequence: 1, fence: null, lease: { kind: 'keep' } });
    expect(await store.claim(order.request.orderId, LEASE_MS)).toMatchObject({
      outcome: 'claimed',
      claim: { fence: 2, order: { status: 'routing', sequence: 2 } },
    });
  });

  test('has at least half of its lease left when it is claimed late', async () => {
    const store = open(2_000);
    const order = await submitTo(store);
    await wait(1_100);
    expect(await store.claim(order.request.orderId, 2_000)).toMatchObject({ claim: { fence: 1 } });
    expect((await rowOf(order)).left_ms).toBeGreaterThan(1_000);
  });

  test('is claimed anew when its lease ran out before its turn came', async () => {
    const store = open(100);
    const order = await submitTo(store);
    await wait(150);
    expect(await store.claim(order.request.orderId, LEASE_MS)).toMatchObject({ claim: { fence: 2 } });
  });

  test('is claimed in the same way when thousands are submitted at once, of which 2,000 have a lease', async () => {
    const store = open();
    const orders = await Promise.all(Array.from({ length: 2_500 }, () => submitTo(store)));
    const ids = orders.map(({ request }) => request.orderId);
    const leased = await pool.query(
      'SELECT FROM orders WHERE order_id = ANY($1) AND lease_until IS NOT NULL',
      [ids],
    );
    expect(leased.rowCount).toBe(2_000);
    const claims = await Promise.all(orders.map(({ request }) => store.claim(request.orderId, LEASE_MS)));
    expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(2_500);
  });
});
