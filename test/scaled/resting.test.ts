import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../packages/engine/test/support/redis-server.ts';
import { landedSwapsByOrder } from '../support/landed-swaps.ts';
import { get, logOf, until, untilOver } from '../support/order-client.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';
import {
  PATIENT,
  type ScaledEngine,
  type ServerProcess,
  startScaledEngine,
} from '../support/scaled-engine.ts';

/** The lease of a dead process ends after 5 s; the rest is room for a busy machine. */
const TAKEN_OVER_MS = 20_000;
const SHARED_OUT = /"processes":2,[^\n]*"msg":"pairs of resting orders shared out"/;

describeWith({ needs: 'redis-server' })('orders that rest', (redisProgram) => {
  describeWith({ needs: 'postgres' })('with several workers', (postgresProgram) => {
    let postgres: PostgresServer;
    let redis: RedisServer;
    let engine: ScaledEngine;
    let api: ServerProcess & { readonly url: string };
    const workers: ServerProcess[] = [];

    beforeAll(async () => {
      postgres = await startPostgresServer(postgresProgram);
      redis = await startRedisServer(redisProgram);
      const services = { databaseUrl: postgres.url, redisUrl: redis.url };
      engine = await startScaledEngine({ ...services, slotMs: 100, env: { ...PATIENT, LOG_LEVEL: 'info' } });
      workers.push(...(await Promise.all([engine.startWorker(), engine.startWorker()])));
      api = await engine.startApi();
    }, 120_000);
    afterAll(async () => {
      await engine?.close();
      await redis?.close();
      postgres?.close();
    });

    async function send(method: string, path: string, body: object): Promise<string> {
      const response = await fetch(`${api.url}/api/orders${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.ok, await response.clone().text()).toBe(true);
      return ((await response.json()) as { orderId: string }).orderId;
    }
    const rest = (limitPrice: string) =>
      send('POST', '', { type: 'limit', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '0.1', limitPrice });
    const hasFired = async (orderId: string) =>
      (await logOf(api, orderId)).some(({ type }) => type === 'order.triggered') || undefined;

    test('fire within seconds at another worker when the one that has their pair is killed, each once', async () => {
      await until(async () => workers.every((one) => SHARED_OUT.test(one.output())) || undefined);
      const first = await rest('1');
      await untilOver(api, first);
      const holder = workers.find(
        (one) => one.output().includes(`"orderId":"${first}"`) && /order fired/.test(one.output()),
      );
      expect(holder).toBeDefined();

      const waiting = await Promise.all(Array.from({ length: 10 }, () => rest('100000')));
      await holder!.kill();
      await Promise.all(waiting.map((orderId) => send('PATCH', `/${orderId}`, { limitPrice: '1' })));
      await Promise.all(waiting.map((orderId) => until(() => hasFired(orderId), TAKEN_OVER_MS)));
      for (const orderId of waiting) expect(await untilOver(api, orderId)).toBe('confirmed');

      const wallets = (await get(`${api.url}/api/wallets`)) as { data: { address: string }[] };
      const landed = await landedSwapsByOrder(engine.devnetUrl, wallets.data[0]!.address);
      expect([...landed.keys()].sort()).toEqual([first, ...waiting].sort());
      expect(new Set(landed.values())).toEqual(new Set([1]));
    }, 200_000);
  });
});
