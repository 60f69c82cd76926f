import { expect, test } from 'vitest';
import type { Order, OrderId } from '../../domain/order.ts';
import {
  attemptOf,
  BUILDING,
  LEASE_MS,
  NO_KEYS,
  newTestOrder,
  ROUTING,
  submitted,
  transition,
} from '../../ports/order-store.suite.ts';
import type { Claim, OrderStore } from '../../ports/order-store.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

await describeWithPostgres('a row that another session has locked', () => {
  test.each(['submitted', 'claimed', 'routing'] as const)(
    'delays only its own order when that is %s, and the order continues when the row is free',
    async (locked) => {
      const { store, lock, close } = await openWithLock();
      const finished = new Set<OrderId>();
      const orders = await Promise.all(Array.from({ length: 8 }, () => submitTo(store)));
      const [victim] = orders as [Order];
      const { orderId } = victim.request;
      let unlock: (() => Promise<void>) | undefined;
      if (locked === 'submitted') unlock = await lock(orderId);
      const claims = orders.map((order) => claimFrom(store, order));
      if (locked === 'claimed') {
        await Promise.all(claims);
        unlock = await lock(orderId);
      }
      const runs = claims.map(async (claiming) => {
        const claim = await claiming;
        const routing = await commit(store, claim, [ROUTING]);
        if (locked === 'routing' && claim.order.request.orderId === orderId) unlock = await lock(orderId);
        const attempt = attemptOf(claim.order, 1);
        const recorded = await commit(store, routing, [BUILDING, submitted(attempt)], {
          attempt: { kind: 'record', attempt },
        });
        await store.renewLeases([{ orderId: claim.order.request.orderId, fence: claim.fence }], LEASE_MS);
        await store.release(claim.order.request.orderId, recorded.fence, 0);
        finished.add(claim.order.request.orderId);
      });

      await Promise.all(runs.slice(1));
      expect(finished.size).toBe(7);
      expect(finished).not.toContain(orderId);
      await unlock?.();
      await Promise.all(runs);
      expect(finished.size).toBe(8);
      expect(await store.get(orderId)).toMatchObject({ status: 'submitted' });
      await close();
    },
  );

  test("does not delay the renewal of other orders' leases", async () => {
    const { store, lock, close } = await openWithLock();
    const orders = await Promise.all([submitTo(store), submitTo(store)]);
    const claims = await Promise.all(orders.map((order) => claimFrom(store, order)));
    const unlock = await lock(orders[0]!.request.orderId);
    const held = claims.map(({ order, fence }) => ({ orderId: order.request.orderId, fence }));
    await store.renewLeases(held, LEASE_MS);
    await unlock();
    await close();
  });

  test('a lookup by key waits for the order that another process is storing', async () => {
    const { store, anotherStore, lockStream, close } = await openWithLock();
    await submitTo(store);
    const { isHolding, unlock } = await lockStream();
    const { order, events } = newTestOrder();
    const keys = { idempotencyKey: 'one', fingerprint: 'one' };
    const storing = store.submit(order, events, keys);
    await expect.poll(isHolding).toBe(true);
    const known = anotherStore.known(newTestOrder().order, keys);
    await unlock();
    expect(await known).toMatchObject({ outcome: 'existing', order });
    expect(await storing).toMatchObject({ outcome: 'created' });
    await close();
  });
});

async function openWithLock() {
  const database = await createTestDatabase();
  await migrate(database.pool);
  const other = openPostgres(database.url, { poolSize: 1 });
  return {
    store: createPostgresOrderStore({ pool: database.pool }),
    anotherStore: createPostgresOrderStore({ pool: database.pool }),
    /** Another session keeps every order from its place in the stream, and so from being committed. */
    async lockStream() {
      const session = await other.connect();
      await session.query('BEGIN');
      await session.query('SELECT FROM account_streams FOR UPDATE');
      return {
        async isHolding(): Promise<boolean> {
          const { rows } = await database.pool.query('SELECT FROM pg_locks WHERE NOT granted');
          return rows.length > 0;
        },
        async unlock(): Promise<void> {
          await session.query('ROLLBACK');
          session.release();
        },
      };
    },
    /** Another session holds the row of the order until what this resolves to is called. */
    async lock(orderId: OrderId): Promise<() => Promise<void>> {
      const session = await other.connect();
      await session.query('BEGIN');
      const { rowCount } = await session.query('SELECT FROM orders WHERE order_id = $1 FOR UPDATE', [
        orderId,
      ]);
      expect(rowCount).toBe(1);
      return async () => {
        await session.query('ROLLBACK');
        session.release();
      };
    },
    async close(): Promise<void> {
      await other.end();
      await database.close();
    },
  };
}

async function submitTo(store: OrderStore): Promise<Order> {
  const { order, events } = newTestOrder();
  await store.submit(order, events, NO_KEYS);
  return order;
}

async function claimFrom(store: OrderStore, order: Order): Promise<Claim> {
  const result = await store.claim(order.request.orderId, LEASE_MS);
  if (result.outcome !== 'claimed') throw new Error('not claimed');
  return result.claim;
}

async function commit(
  store: OrderStore,
  claim: Claim,
  ...rest: Parameters<typeof transition> extends [Claim, ...infer Rest] ? Rest : never
): Promise<Claim> {
  const change = transition(claim, ...rest);
  expect(await store.transition(change)).toMatchObject({ outcome: 'committed' });
  return { ...claim, order: change.order };
}
