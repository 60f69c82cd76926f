import { expect, test } from 'vitest';
import { newTestOrder, ROUTING, transition } from '../../ports/order-store.suite.ts';
import { migrate } from './migrate.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { recentTries } from './recent-tries.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

await describeWithPostgres('the tries that began lately', () => {
  test('are the starts in the log from the given time on, oldest first', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    expect(await recentTries(pool, 0)).toEqual([]);
    const store = createPostgresOrderStore({ pool });
    const begun: number[] = [];
    for (let index = 0; index < 3; index += 1) {
      const { order, events } = newTestOrder();
      await store.submit(order, events, { idempotencyKey: null, fingerprint: '' });
      const claimed = await store.claim(order.request.orderId, 30_000);
      if (claimed.outcome !== 'claimed') throw new Error('not claimed');
      const routing = transition(claimed.claim, [ROUTING]);
      await store.transition(routing);
      begun.push(Date.parse(routing.events[0]!.timestamp));
    }
    begun.sort((one, other) => one - other);
    expect(await recentTries(pool, 0)).toEqual(begun);
    expect(await recentTries(pool, begun[2]!)).toEqual([]);
    await close();
  });

  test('are found however many events the stream has had since then', async () => {
    const { pool, close } = await createTestDatabase();
    await migrate(pool);
    await pool.query(`
      INSERT INTO account_streams (account_id, last_position) VALUES ('busy', 25000), ('quiet', 1);
      INSERT INTO order_events (order_id, account_id, sequence, type, status, occurred_at, data, position)
      SELECT 'order-' || n, 'busy', 1, CASE WHEN n % 2 = 0 THEN 'order.routing' ELSE 'order.pending' END, 'pending',
        to_timestamp(n), '{}', n
      FROM generate_series(1, 25000) AS n;
      INSERT INTO order_events (order_id, account_id, sequence, type, status, occurred_at, data, position)
      VALUES ('quiet', 'quiet', 1, 'order.routing', 'pending', to_timestamp(24999), '{}', 1)`);
    const evenSeconds = Array.from({ length: 10_500 }, (_, index) => 4_002 + index * 2);
    const expected = [...evenSeconds.slice(0, -1), 24_999, 25_000].map((second) => second * 1_000);
    expect(await recentTries(pool, 4_000_000)).toEqual(expected);
    await close();
  });
});
