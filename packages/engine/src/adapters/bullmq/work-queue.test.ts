import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../../../../../test/support/requires.ts';
import { type RedisServer, startRedisServer } from '../../../test/support/redis-server.ts';
import { workQueueSuite } from '../../ports/work-queue.suite.ts';
import { openRedis } from '../redis/open-redis.ts';
import { systemClock } from '../system/clock.ts';
import { createBullmqWorkQueue } from './work-queue.ts';

describeWith({ needs: 'redis-server' })('the queue over BullMQ', (programPath) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer(programPath);
  });
  afterAll(() => server.close());

  workQueueSuite('the queue over BullMQ', async (settings) => {
    const redis = openRedis({ url: server.url, name: 'test', log: settings.log });
    await new Promise((resolve) => redis.once('ready', resolve));
    await redis.flushall();
    const queue = createBullmqWorkQueue({ ...settings, redis, clock: systemClock });
    return {
      ...queue,
      async stop() {
        await queue.stop();
        redis.disconnect();
      },
    };
  });
});
