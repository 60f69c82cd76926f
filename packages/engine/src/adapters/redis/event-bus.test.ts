import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../../../../../test/support/requires.ts';
import { type RedisServer, startRedisServer } from '../../../test/support/redis-server.ts';
import { silentLog as log } from '../../../test/support/world.ts';
import { eventBusSuite } from '../../ports/event-bus.suite.ts';
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
});
