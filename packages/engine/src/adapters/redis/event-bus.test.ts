import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWith } from '../../../../../test/support/requires.ts';
import { type RedisServer, startRedisServer } from '../../../test/support/redis-server.ts';
import { silentLog as log } from '../../../test/support/world.ts';
import { toOrderId } from '../../domain/order.ts';
import { eventBusSuite, eventOf, publicationOf } from '../../ports/event-bus.suite.ts';
import { createMemoryEventBus } from '../memory/event-bus.ts';
import { createRedisEventBus } from './event-bus.ts';
import { openRedis } from './open-redis.ts';

describeWith({ needs: 'redis-server' })('the bus over Redis', (programPath) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer(programPath);
  });
  afterAll(() => server.close());

  const openBus = () => {
    const redis = openRedis({ url: server.url, name: 'test', log });
    const bus = createRedisEventBus({ redis, local: createMemoryEventBus(), listens: true, log });
    return {
      ...bus,
      async close() {
        await bus.close();
        redis.disconnect();
      },
    };
  };

  eventBusSuite('the bus of one process', async () => {
    const bus = openBus();
    return { publisher: bus, listener: bus, close: bus.close };
  });

  eventBusSuite('the bus between two processes', async () => {
    const [publisher, listener] = [openBus(), openBus()];
    await untilSubscribed(2);
    return {
      publisher,
      listener,
      async close() {
        await publisher.close();
        await listener.close();
      },
    };
  });

  test('drops events without an error while Redis is away, and delivers again when it is back', async () => {
    const [publisher, listener] = [openBus(), openBus()];
    await untilSubscribed(2);
    const heard: number[] = [];
    listener.subscribe(toOrderId('order'), ({ sequence }) => heard.push(sequence));
    await server.kill();
    publisher.publish(publicationOf(eventOf(toOrderId('order'), 1)));
    await server.start();
    await untilSubscribed(2);
    await vi.waitFor(() => {
      publisher.publish(publicationOf(eventOf(toOrderId('order'), 2)));
      expect(heard).toContain(2);
    }, 10_000);
    expect(heard).not.toContain(1);
    await publisher.close();
    await listener.close();
  });

  async function untilSubscribed(count: number): Promise<void> {
    await vi.waitFor(async () => {
      expect(await server.command('PUBSUB', 'NUMSUB', 'oee:events')).toEqual(['oee:events', count]);
    }, 10_000);
  }
});
