import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWith } from '../../../../../test/support/requires.ts';
import { type RedisServer, startRedisServer } from '../../../test/support/redis-server.ts';
import { silentLog as log } from '../../../test/support/world.ts';
import { systemClock as clock } from '../system/clock.ts';
import { openRedis } from './open-redis.ts';
import { claimRedis, RedisClaimed, type StoreClaim } from './store-claim.ts';

describeWith({ needs: 'redis-server' })('the claim of a store on its Redis', (programPath) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer(programPath);
  });
  afterAll(() => server.close());

  async function claim(store: string, description = `engine of ${store}`) {
    const redis = openRedis({ url: server.url, name: 'test', log });
    const held: StoreClaim = await claimRedis({ redis, store, description, clock, log }).catch((error) => {
      redis.disconnect();
      throw error;
    });
    return {
      ...held,
      crash: () => redis.disconnect(),
      async release() {
        await held.release();
        redis.disconnect();
      },
    };
  }

  test('is shared by processes of one store, and is refused to another store while one of them lives', async () => {
    const [first, second] = [await claim('one', 'a'), await claim('one', 'b')];
    await expect(claim('two')).rejects.toThrow(/carries the orders of another store \([ab]\)/);
    await first.release();
    await second.release();
    const third = await claim('two');
    await third.release();
  }, 30_000);

  test('stays when a process leaves while another one of the store lives', async () => {
    const [first, last] = [await claim('one', 'a'), await claim('one', 'b')];
    await last.release();
    await expect(claim('two')).rejects.toThrow('carries the orders of another store (a)');
    await first.release();
  }, 30_000);

  test('expires after its process crashed', async () => {
    (await claim('one')).crash();
    const other = await claim('two');
    await other.release();
  }, 30_000);

  test('is made again after Redis was wiped, and is lost where another store came first', async () => {
    const first = await claim('one');
    await server.command('FLUSHALL');
    await vi.waitFor(async () => expect(await server.command('GET', 'oee:store')).toContain('one '), 5_000);
    await server.command('FLUSHALL');
    const other = await claim('two');
    expect(await first.lost).toBeInstanceOf(RedisClaimed);
    await first.release();
    expect(await server.command('GET', 'oee:store')).toContain('two ');
    await other.release();
  }, 30_000);

  test('does not delay the start while Redis is away', async () => {
    await server.kill();
    const held = await claim('one');
    await server.start();
    await vi.waitFor(async () => expect(await server.command('GET', 'oee:store')).toContain('one '), 10_000);
    await held.release();
  }, 30_000);
});
