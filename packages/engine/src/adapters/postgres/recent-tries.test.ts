import { expect, test } from 'vitest';
import { newTestOrder, ROUTING, transition } from '../../ports/order-store.suite.ts';
import { migrate } from './migrate.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { recentTries } from './recent-tries.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

await describeWithPostgres('the tries that began lately', () => {
  test('are those of the log, oldest first, and none that is older than asked for', async () => {
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
});
