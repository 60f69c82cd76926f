import { once } from 'node:events';
import { startDevnet } from '@oee/devnet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RedisServer, startRedisServer } from '../../packages/engine/test/support/redis-server.ts';
import { landedSwapsByOrder } from '../support/landed-swaps.ts';
import {
  type Frame,
  get,
  logOf,
  post,
  readiness,
  receive,
  submit,
  until,
  untilOver,
} from '../support/order-client.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';
import {
  PATIENT,
  type ScaledEngine,
  type ServerProcess,
  startScaledEngine,
} from '../support/scaled-engine.ts';
import { converse } from '../support/socket-client.ts';

type Api = ServerProcess & { readonly url: string };

describeWith({ needs: 'redis-server' })('many processes', (redisProgram) => {
  describeWith({ needs: 'postgres' })('on one database', (postgresProgram) => {
    let postgres: PostgresServer;
    let redis: RedisServer;
    let engine: ScaledEngine;
    const apis: Api[] = [];
    const workers: ServerProcess[] = [];

    beforeAll(async () => {
      postgres = await startPostgresServer(postgresProgram);
      redis = await startRedisServer(redisProgram);
      engine = await startScaledEngine({
        databaseUrl: postgres.url,
        redisUrl: redis.url,
        slotMs: 100,
        env: PATIENT,
      });
      workers.push(...(await Promise.all([engine.startWorker(), engine.startWorker()])));
      apis.push(...(await Promise.all([engine.startApi(), engine.startApi()])));
    }, 90_000);
    afterAll(async () => {
      await engine?.close();
      await redis?.close();
      postgres?.close();
    });

    test('a client of any API process sees every event of an order', async () => {
      const ids = await Promise.all(Array.from({ length: 10 }, (_, index) => submit(apis[index % 2]!)));
      const streams = await Promise.all(ids.flatMap((id) => apis.map((api) => receive(api, id))));
      for (const events of streams) {
        expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
        expect(events.at(-1)?.type).toBe('order.confirmed');
      }
    }, 60_000);

    test('an order that starts with its stream starts once, at the API process that has the stream', async () => {
      const response = await fetch(`${apis[0]!.url}/api/orders/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ fromToken: 'SOL', toToken: 'USDC', amount: 1 }),
      });
      const { orderId } = (await response.json()) as { orderId: string };
      const streams = apis.map((api) => converse(`${api.url.replace('http', 'ws')}/ws?orderId=${orderId}`));
      const [one, other] = await Promise.all(streams);
      expect(one?.updates.at(-1)).toMatchObject({ status: 'confirmed' });
      expect(other).toEqual(one);
    }, 60_000);

    test('a process refuses to start without the services that it needs, and on a database of another version', async () => {
      await expect(engine.startWorker({ REDIS_URL: '' })).rejects.toThrow('start:worker needs REDIS_URL');
      await expect(engine.startApi({ DEVNET_URL: '' })).rejects.toThrow('start:api needs DEVNET_URL');
      const empty = postgres.url.replace(/postgres$/, 'template1');
      await expect(engine.startWorker({ DATABASE_URL: empty })).rejects.toThrow('npm run migrate');
    }, 60_000);

    test('a process that is connected to another chain than the orders refuses to start', async () => {
      const other = await startDevnet({ port: 0, slotMs: 'manual', market: 'none', seed: 'another' });
      const elsewhere = { DEVNET_URL: other.url };
      await expect(engine.startWorker(elsewhere)).rejects.toThrow(`this process has ${other.genesisHash}`);
      await expect(engine.startApi(elsewhere)).rejects.toThrow(
        'the orders of this database are bound to the chain',
      );
      await other.stop();
    }, 60_000);

    test("the queue's page is shown only with the key", async () => {
      const key = 'k'.repeat(32);
      const api = await engine.startApi({ API_KEY: key });
      const as = (authorization?: string) =>
        fetch(`${api.url}/queues/api/queues`, authorization ? { headers: { authorization } } : {});
      const basic = (password: string) => `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`;
      for (const refused of [await as(), await as(basic('wrong')), await as('Basic')]) {
        expect(refused.status).toBe(401);
        expect(refused.headers.get('www-authenticate')).toContain('Basic');
      }
      for (const answer of [await as(basic(key)), await as(`Bearer ${key}`)])
        expect(await answer.json()).toMatchObject({ queues: [{ name: 'orders', readOnlyMode: true }] });
      const page = await fetch(`${api.url}/queues`, { headers: { authorization: basic(key) } });
      expect(await page.text()).toContain('Order queue');
      // The password opens nothing else, and without a key there is no page.
      expect((await fetch(`${api.url}/api/orders`, { headers: { authorization: basic(key) } })).status).toBe(
        401,
      );
      expect((await fetch(`${apis[0]!.url}/queues`)).status).toBe(404);
      await api.stop();
    }, 60_000);

    test('the orders of a worker that dies continue at other workers, and none is filled twice', async () => {
      const orders = await submitMany(20);
      await workers[0]!.kill();
      const killedAtMs = Date.now();
      workers[0] = await engine.startWorker();
      await expectOneFillEach(orders);
      const logs = await Promise.all(orders.map((orderId) => logOf(apis[1]!, orderId)));
      const wentOnAfterMs = logs.map((log) => {
        const next = log.find(({ timestamp }) => Date.parse(timestamp) > killedAtMs);
        return next ? Date.parse(next.timestamp) - killedAtMs : 0;
      });
      expect(Math.max(...wentOnAfterMs)).toBeLessThan(35_000);
    }, 90_000);

    test('clients of an API process that dies resume at another one from their last event', async () => {
      const orderId = await submit(apis[0]!);
      const firsts = await receive(apis[0]!, orderId, { enough: 2 });
      await apis[0]!.kill();
      const rest = await receive(apis[1]!, orderId, { after: firsts.at(-1)!.sequence });
      expect([...firsts, ...rest].map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
      apis[0] = await engine.startApi();
    }, 60_000);

    test('the account stream resumes at another API process from the position at which the first one died', async () => {
      const stream = await openAccountStream(apis[0]!, 0);
      const orders = await submitMany(10);
      await until(async () => (stream.frames.length > 20 ? true : undefined));
      await apis[0]!.kill();
      await Promise.all(orders.map((orderId) => untilOver(apis[1]!, orderId)));
      const rest = await openAccountStream(apis[1]!, stream.frames.at(-1)?.position ?? 0);
      const all = () => [...stream.frames, ...rest.frames];
      await until(
        async () =>
          orders.every((orderId) => all().filter((frame) => frame.orderId === orderId).length >= 5) ||
          undefined,
      );
      expect(all().map(({ position }) => position)).toEqual(all().map((_, index) => index + 1));
      rest.socket.close();
      apis[0] = await engine.startApi();
    }, 90_000);

    test('orders are executed while Redis is wiped again and again', async () => {
      const orders: string[] = [];
      for (let round = 0; round < 5; round += 1) {
        orders.push(...(await submitMany(4)));
        await redis.command('FLUSHALL');
      }
      await expectOneFillEach(orders);
      await expectPromptStarts(orders);
    }, 90_000);

    test('orders are accepted and executed while Redis is away, and with Redis when it is back', async () => {
      await redis.kill();
      const orders = await submitMany(6);
      await expectOneFillEach(orders);
      await expectPromptStarts(orders);
      expect(await readiness(apis[0]!)).toMatchObject({ status: 'ready', checks: { redis: false } });
      await redis.start();
      await until(async () => ((await readiness(apis[0]!)).checks.redis ? true : undefined));
      await expectOneFillEach(await submitMany(6));
    }, 120_000);

    test('orders are accepted and executed while Redis hangs', async () => {
      process.kill(redis.pid(), 'SIGSTOP');
      try {
        const orders = await submitMany(6);
        await expectOneFillEach(orders);
        await expectPromptStarts(orders);
      } finally {
        process.kill(redis.pid(), 'SIGCONT');
      }
      await expectOneFillEach(await submitMany(6));
    }, 120_000);

    test('a client gets a retry delay while PostgreSQL is away, and all orders continue afterwards', async () => {
      const orders = await submitMany(10);
      postgres.kill();
      const refused = await post(apis[0]!);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await refused.json()).toMatchObject({ code: 'store_unavailable', retryable: true });
      postgres.start();
      await until(async () => ((await readiness(apis[0]!)).status === 'ready' ? true : undefined));
      await expectOneFillEach([...orders, ...(await submitMany(5))]);
      for (const one of [...apis, ...workers]) expect(one.child.exitCode).toBeNull();
    }, 120_000);

    const submitMany = (count: number): Promise<string[]> =>
      Promise.all(Array.from({ length: count }, (_, index) => submit(apis[index % apis.length]!)));

    /** Without Redis an order waits for a worker 10 s at most. */
    async function expectPromptStarts(orderIds: readonly string[]): Promise<void> {
      const logs = await Promise.all(orderIds.map((orderId) => logOf(apis[1]!, orderId)));
      const waits = logs.map(
        ([first, second]) => Date.parse(second!.timestamp) - Date.parse(first!.timestamp),
      );
      expect(Math.max(...waits)).toBeLessThan(10_000);
    }

    /** Waits until each order is over; then each is confirmed and landed once, by the chain's own ledger. */
    async function expectOneFillEach(orderIds: readonly string[]): Promise<void> {
      const statuses = await Promise.all(orderIds.map((orderId) => untilOver(apis[1]!, orderId)));
      expect(statuses).toEqual(orderIds.map(() => 'confirmed'));
      const wallets = (await get(`${apis[1]!.url}/api/wallets`)) as { data: { address: string }[] };
      const landed = await landedSwapsByOrder(engine.devnetUrl, wallets.data[0]!.address);
      expect(orderIds.map((orderId) => landed.get(orderId))).toEqual(orderIds.map(() => 1));
    }
  });
});

async function openAccountStream(
  { url }: Api,
  after: number,
): Promise<{ frames: Frame[]; socket: WebSocket }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/stream?after=${after}`);
  const frames: Frame[] = [];
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.type !== 'stream.opened') frames.push(frame);
  });
  socket.on('error', () => {}); // Its process is killed.
  await once(socket, 'open');
  return { frames, socket };
}
