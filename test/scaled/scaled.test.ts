import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RedisServer, startRedisServer } from '../../packages/engine/test/support/redis-server.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';
import { type ScaledEngine, type ServerProcess, startScaledEngine } from '../support/scaled-engine.ts';

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
      engine = await startScaledEngine({ databaseUrl: postgres.url, redisUrl: redis.url });
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
      const streams = await Promise.all(ids.flatMap((id) => apis.map((api) => follow(api, id))));
      for (const events of streams) {
        expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
        expect(events.at(-1)?.type).toBe('order.confirmed');
      }
    }, 60_000);
  });
});

interface Frame {
  readonly sequence: number;
  readonly type: string;
}

async function submit(api: Api): Promise<string> {
  const response = await fetch(`${api.url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'market',
      tokenIn: 'SOL',
      tokenOut: 'USDC',
      amountIn: '0.1',
      slippageBps: 500,
    }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { orderId: string }).orderId;
}

/** Every event of an order's stream until the engine closes it. */
function follow({ url }: Api, orderId: string): Promise<Frame[]> {
  return new Promise((resolve, reject) => {
    const frames: Frame[] = [];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/${orderId}/stream`);
    socket.on('message', (data) => frames.push(JSON.parse(String(data)) as Frame));
    socket.on('error', reject);
    socket.on('close', (code) =>
      code === 1000 ? resolve(frames) : reject(new Error(`closed with ${code}`)),
    );
  });
}
