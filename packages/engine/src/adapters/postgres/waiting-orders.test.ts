import { expect, test } from 'vitest';
import { newTestOrder } from '../../ports/order-store.suite.ts';
import { migrate } from './migrate.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';
import { countWaitingOrders } from './waiting-orders.ts';

await describeWithPostgres('the count of waiting orders', () => {
  test('is of those that nobody has started, up to what is asked for', async () => {
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
    const held = newTestOrder({ heldUntilMs: 1 });
    await store.submit(held.order, held.events, { idempotencyKey: null, fingerprint: '' });
    expect(await countWaitingOrders(pool, 10)).toBe(3);
    await pool.query("UPDATE orders SET due_at = now() + interval '1 hour'"); // As a clock that was ahead wrote it.
    expect(await countWaitingOrders(pool, 10)).toBe(3);
    await pool.query("UPDATE orders SET due_at = now() + interval '20 seconds'");
    expect(await countWaitingOrders(pool, 10)).toBe(0);
    await close();
  });
});
