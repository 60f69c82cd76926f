import { expect, test } from 'vitest';
import { toEpochMs } from '../../domain/timestamp.ts';
import {
  attemptOf,
  BUILDING,
  newTestOrder,
  ROUTING,
  submitted,
  transition,
} from '../../ports/order-store.suite.ts';
import { migrate } from './migrate.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';
import { countWaitingOrders } from './waiting-orders.ts';

await describeWithPostgres('the count of waiting orders', () => {
  test('counts orders without a signed transaction, up to the given limit', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    const store = createPostgresOrderStore({ pool, bornLeaseMs: 30_000 });
    expect(await countWaitingOrders(pool, 10)).toBe(0);
    for (let index = 0; index < 3; index += 1) {
      const { order, events } = newTestOrder();
      await store.submit(order, events, { idempotencyKey: null, fingerprint: '' });
    }
    expect(await countWaitingOrders(pool, 10)).toBe(3);
    expect(await countWaitingOrders(pool, 2)).toBe(2);
    const held = newTestOrder({ heldUntilMs: toEpochMs(1) });
    await store.submit(held.order, held.events, { idempotencyKey: null, fingerprint: '' });
    expect(await countWaitingOrders(pool, 10)).toBe(3);
    await pool.query("UPDATE orders SET due_at = now() + interval '1 hour'"); // As a clock that was ahead wrote it.
    expect(await countWaitingOrders(pool, 10)).toBe(3);
    await close();
  });

  test('counts an order that a worker holds or has put back until its first transaction is signed', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    const store = createPostgresOrderStore({ pool });
    const { order, events } = newTestOrder();
    const { orderId } = order.request;
    await store.submit(order, events, { idempotencyKey: null, fingerprint: '' });
    const claimed = await store.claim(orderId, 30_000);
    if (claimed.outcome !== 'claimed') throw new Error('not claimed');
    const { claim } = claimed;
    const routing = transition(claim, [ROUTING]);
    await store.transition(routing);
    expect(await countWaitingOrders(pool, 10)).toBe(1);
    await store.release(orderId, claim.fence, 20_000);
    expect(await countWaitingOrders(pool, 10)).toBe(1);

    const building = transition({ ...claim, order: routing.order }, [BUILDING]);
    const attempt = attemptOf(building.order, 1);
    const signed = transition({ ...claim, order: building.order }, [submitted(attempt)], {
      attempt: { kind: 'record', attempt },
    });
    await pool.query('UPDATE orders SET due_at = now()');
    const again = await store.claim(orderId, 30_000);
    const fence = claim.fence + 1;
    expect(again.outcome).toBe('claimed');
    expect(await store.transition({ ...building, fence })).toMatchObject({ outcome: 'committed' });
    expect(await countWaitingOrders(pool, 10)).toBe(1);
    expect(await store.transition({ ...signed, fence })).toMatchObject({ outcome: 'committed' });
    expect(await countWaitingOrders(pool, 10)).toBe(0);
    await close();
  });
});
