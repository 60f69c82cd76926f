import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeWith } from '../../../../../test/support/requires.ts';
import { type RedisServer, startRedisServer } from '../../../test/support/redis-server.ts';
import { silentLog } from '../../../test/support/world.ts';
import { toOrderId } from '../../domain/order.ts';
import { workQueueSuite } from '../../ports/work-queue.suite.ts';
import type { WorkQueue } from '../../ports/work-queue.ts';
import { createMemoryWorkQueue } from '../memory/work-queue.ts';
import { openRedis } from '../redis/open-redis.ts';
import { systemClock } from '../system/clock.ts';
import { type BullmqWorkQueueOptions, createBullmqWorkQueue } from './work-queue.ts';

describeWith({ needs: 'redis-server' })('the queue over BullMQ', (programPath) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer(programPath);
  });
  afterAll(() => server.close());

  async function openQueue(
    settings: Partial<BullmqWorkQueueOptions> = {},
  ): Promise<WorkQueue & { readonly redis: Redis }> {
    const redis = openRedis({ url: server.url, name: 'test', log: silentLog });
    await new Promise((resolve) => redis.once('ready', resolve));
    const queue = createBullmqWorkQueue({
      redis,
      clock: systemClock,
      log: silentLog,
      concurrency: 8,
      startLimit: null,
      ...settings,
    });
    return {
      ...queue,
      redis,
      async stop() {
        await queue.stop();
        redis.disconnect();
      },
    };
  }

  workQueueSuite('the queue over BullMQ', async (settings) => {
    await server.command('FLUSHALL');
    return openQueue(settings);
  });

  // So many that orders share jobs.
  workQueueSuite('the queue over BullMQ for many orders at once', async (settings) => {
    await server.command('FLUSHALL');
    return openQueue({ ...settings, concurrency: settings.concurrency === 8 ? 64 : settings.concurrency });
  });

  test.each([
    { concurrency: 4, jobs: '4' },
    { concurrency: 40, jobs: '20' },
  ])(
    'all processes together run no more than $concurrency orders at the same time',
    async ({ concurrency, jobs }) => {
      await server.command('FLUSHALL');
      let running = 0;
      let most = 0;
      let ended = 0;
      const handler = async (): Promise<void> => {
        running += 1;
        most = Math.max(most, running);
        await systemClock.sleep(20);
        running -= 1;
        ended += 1;
      };
      const queues = await Promise.all([1, 2, 3].map(() => openQueue({ concurrency })));
      for (const queue of queues) queue.start(handler);
      await vi.waitFor(async () => expect(await concurrencyInRedis()).toBe(jobs), 10_000);
      const orders = concurrency * 10;
      for (let index = 0; index < orders; index += 1) queues[0]!.wake(toOrderId(`order-${index}`));
      await vi.waitFor(() => expect(ended).toBe(orders), 20_000);
      expect(most).toBe(concurrency);
      await Promise.all(queues.map((queue) => queue.stop()));
    },
  );

  test('all processes together start at most the limit of orders in any window, after a restart too', async () => {
    await server.command('FLUSHALL');
    const startLimit = { starts: 9, windowMs: 3_000 };
    const open = () => Promise.all([1, 2, 3].map(() => openQueue({ startLimit })));
    const startedAtMs: number[] = [];
    const run = async (): Promise<void> => void startedAtMs.push(performance.now());
    const queues = await open();
    for (const queue of queues) queue.start(run);
    for (let index = 0; index < 12; index += 1) queues[index % 3]!.wake(toOrderId(`limited-${index}`));
    await vi.waitFor(() => expect(startedAtMs).toHaveLength(9), 10_000);
    expect(startedAtMs[8]! - startedAtMs[0]!).toBeLessThan(1_500);
    await Promise.all(queues.map((queue) => queue.stop()));
    const next = await open();
    for (const queue of next) queue.start(run);
    for (let index = 12; index < 30; index += 1) next[index % 3]!.wake(toOrderId(`limited-${index}`));
    await vi.waitFor(() => expect(startedAtMs.length).toBeGreaterThanOrEqual(27), 25_000);
    const apartMs = startedAtMs.slice(9).map((ms, index) => ms - startedAtMs[index]!);
    expect(Math.min(...apartMs)).toBeGreaterThanOrEqual(3_000 - 1);
    await Promise.all(next.map((queue) => queue.stop()));
  });

  test('a queue that stops leaves orders that wait for a start to another process', async () => {
    await server.command('FLUSHALL');
    const ran: string[] = [];
    const queue = await openQueue({ startLimit: { starts: 1, windowMs: 2_000 } });
    queue.start(async (orderId) => void ran.push(orderId));
    for (const orderId of ['a', 'b', 'c']) queue.wake(toOrderId(orderId));
    await vi.waitFor(() => expect(ran).toHaveLength(1), 10_000);
    await queue.stop();
    const other = await openQueue();
    other.start(async (orderId) => void ran.push(orderId));
    await vi.waitFor(() => expect([...ran].sort()).toEqual(['a', 'b', 'c']), 10_000);
    await other.stop();
  });

  test('a Redis clock that is set back delays starts by at most the window', async () => {
    await server.command('FLUSHALL');
    const anHourAheadMicros = String((Date.now() + 3_600_000) * 1_000);
    await server.command('LPUSH', 'oee:starts', anHourAheadMicros);
    const queue = await openQueue({ startLimit: { starts: 1, windowMs: 500 } });
    const ran: string[] = [];
    queue.start(async (orderId) => void ran.push(orderId));
    queue.wake(toOrderId('a'));
    await vi.waitFor(() => expect(ran).toEqual(['a']), 5_000);
    await queue.stop();
  });

  test('orders that are woken together share jobs, at most four to a job at a concurrency of sixty-four', async () => {
    await server.command('FLUSHALL');
    const queue = createBullmqWorkQueue({
      redis: (await openQueue()).redis,
      clock: systemClock,
      log: silentLog,
      concurrency: 64,
      startLimit: null,
    });
    for (let index = 0; index < 10; index += 1) queue.wake(toOrderId(`order-${index}`));
    await vi.waitFor(async () => expect(await queue.jobs.getWaitingCount()).toBe(3), 10_000);
    const waiting = await queue.jobs.getWaiting();
    expect(waiting.map(({ data }) => data.orderIds.length).sort()).toEqual([2, 4, 4]);
    expect(waiting.flatMap(({ data }) => data.orderIds).sort()).toEqual(
      Array.from({ length: 10 }, (_, index) => `order-${index}`),
    );
    await queue.stop();
  });

  test('the concurrency is set again after Redis was wiped', async () => {
    const queue = await openQueue({ concurrency: 5 });
    queue.start(async () => {});
    await vi.waitFor(async () => expect(await concurrencyInRedis()).toBe('5'), 10_000);
    await server.command('FLUSHALL');
    await vi.waitFor(async () => expect(await concurrencyInRedis()).toBe('5'), 10_000);
    await queue.stop();
  });

  test('while Redis is away the leader uses its in-process queue, and another process drops the wake', async () => {
    const ran: string[] = [];
    const open = (name: string, leads: boolean) => {
      const settings = { clock: systemClock, log: silentLog, concurrency: 8, startLimit: null };
      const standIn = createMemoryWorkQueue(settings);
      return openQueue({ standIn, leads: () => leads }).then((queue) => {
        queue.start(async (orderId) => void ran.push(`${name} ${orderId}`));
        return queue;
      });
    };
    const [leader, other] = [await open('leader', true), await open('other', false)];
    await server.kill();
    await vi.waitFor(() => expect([leader.redis.status, other.redis.status]).not.toContain('ready'), 10_000);
    leader.wake(toOrderId('a'));
    other.wake(toOrderId('b'));
    await vi.waitFor(() => expect(ran).toEqual(['leader a']), 10_000);
    await server.start();
    await vi.waitFor(() => expect(other.redis.status).toBe('ready'), 10_000);
    other.wake(toOrderId('c'));
    await vi.waitFor(() => expect(ran.join()).toMatch(/ c$/), 10_000);
    expect(ran).toHaveLength(2);
    await Promise.all([leader.stop(), other.stop()]);
  });

  test('the in-process queue counts starts that Redis counted for its process', async () => {
    await server.command('FLUSHALL');
    const settings = {
      clock: systemClock,
      log: silentLog,
      concurrency: 8,
      startLimit: { starts: 2, windowMs: 60_000 },
    };
    const queue = await openQueue({
      ...settings,
      standIn: createMemoryWorkQueue(settings),
      leads: () => true,
    });
    const ran: string[] = [];
    queue.start(async (orderId) => void ran.push(orderId));
    queue.wake(toOrderId('a'));
    queue.wake(toOrderId('b'));
    await vi.waitFor(() => expect(ran).toHaveLength(2), 10_000);
    await server.kill();
    await vi.waitFor(() => expect(queue.redis.status).not.toBe('ready'), 10_000);
    queue.wake(toOrderId('c'));
    await systemClock.sleep(300);
    expect(ran).toHaveLength(2);
    await server.start();
    await queue.stop();
  });

  test('the queue delivers orders that a dead process had started again', async () => {
    // One that is stuck for good: it takes no second job, and its lock on the first is taken from it.
    const stuck = await openQueue({ concurrency: 1 });
    let unstick = (): void => {};
    const never = new Promise<void>((resolve) => {
      unstick = resolve;
    });
    let started = 0;
    stuck.start(() => {
      started += 1;
      return never;
    });
    stuck.wake(toOrderId('orphan'));
    await vi.waitFor(() => expect(started).toBe(1), 10_000);
    const [lock] = (await server.command('KEYS', '*:lock')) as string[];
    await server.command('DEL', lock!);
    const ran: string[] = [];
    const alive = await openQueue({ concurrency: 2 });
    alive.start(async (orderId) => void ran.push(orderId));
    await vi.waitFor(() => expect(ran).toEqual(['orphan']), 25_000);
    await alive.stop();
    unstick();
    await stuck.stop();
  });

  const concurrencyInRedis = () => server.command('HGET', 'oee:orders:meta', 'concurrency');
});
