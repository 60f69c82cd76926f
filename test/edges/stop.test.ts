import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../packages/engine/test/support/redis-server.ts';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { call, newOrder, type Outcome } from '../support/http-client.ts';
import { get, until } from '../support/order-client.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';
import { type ScaledEngine, startScaledEngine } from '../support/scaled-engine.ts';
import { converse } from '../support/socket-client.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUBMISSIONS = 30;
const WAITS = 10;

interface Stoppable {
  readonly url: string;
  readonly child: ChildProcess;
}

test('a stop answers sent requests, ends streams with 1012, resets no connection, and keeps acknowledged orders', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oee-stop-'));
  // Slots so long that an order is under way for as long as a client waits for it.
  const options = { dataDir: directory, port: await freePort(), devnetPort: await freePort() };
  let engine: EngineProcess | undefined;
  try {
    engine = await startEngineProcess({ ...options, env: { DEVNET_SLOT_MS: '4000' } });
    const answered = await stopUnderLoad(engine);
    engine = await startEngineProcess(options);
    await expectStored(engine.url, answered);
  } finally {
    await engine?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 180_000);

test('SIGTERM to npm stops the engine in order, and Ctrl-C, which npm passes on a second time, does too', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const directory = mkdtempSync(join(tmpdir(), 'oee-npm-'));
    const port = await freePort();
    const npm = spawn('npm', ['start', '--silent'], {
      cwd: ROOT,
      detached: true, // A process group, as a terminal makes one.
      env: { ...process.env, PORT: String(port), DEVNET_PORT: '0', DATA_DIR: directory, LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    npm.stdout!.on('data', (chunk: Buffer) => (output += chunk));
    const closed = once(npm.stdout!, 'close'); // By the last process that has it.
    try {
      await until(async () =>
        (await call(`http://127.0.0.1:${port}/readyz`)).status === 200 ? true : undefined,
      );
      const { body } = await call(`http://127.0.0.1:${port}/api/orders`, { body: newOrder(`npm-${signal}`) });
      expect(body.status).toBe('pending');
      if (signal === 'SIGINT') process.kill(-npm.pid!, signal);
      npm.kill(signal);
      await closed;
      expect(output).toContain('"msg":"stopping"');
      expect((await call(`http://127.0.0.1:${port}/livez`)).error).toBe('ECONNREFUSED');
      // Nothing holds the directory any more: another engine takes it at once.
      const next = await startEngineProcess({ dataDir: directory, port, devnetPort: await freePort() });
      await next.stop();
    } finally {
      endGroup(npm.pid!);
      rmSync(directory, { recursive: true, force: true });
    }
  }
}, 240_000);

describeWith({ needs: 'redis-server' })('several processes', (redisProgram) => {
  describeWith({ needs: 'postgres' })('on one database', (postgresProgram) => {
    let postgres: PostgresServer;
    let redis: RedisServer;
    let engine: ScaledEngine;

    beforeAll(async () => {
      postgres = await startPostgresServer(postgresProgram);
      redis = await startRedisServer(redisProgram);
      engine = await startScaledEngine({ databaseUrl: postgres.url, redisUrl: redis.url, slotMs: 4_000 });
    }, 90_000);
    afterAll(async () => {
      await engine?.close();
      await redis?.close();
      postgres?.close();
    });

    test('an API process stops in the same way, and a worker ends by itself with its orders in flight', async () => {
      const worker = await engine.startWorker();
      const [leaving, staying] = [await engine.startApi(), await engine.startApi()];
      const answered = await stopUnderLoad(leaving);
      await expectStored(staying.url, answered);
      expect(await worker.stop()).toBe(0);
      expect(await staying.stop()).toBe(0);
    }, 180_000);
  });
});

/** Ends what is left of a process group that this test made. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {} // Nothing is.
}

/** Sends SIGTERM in the middle of everything; returns what the submissions were answered. */
async function stopUnderLoad({ url, child }: Stoppable): Promise<Outcome[]> {
  const agent = new Agent({ keepAlive: true });
  const idle = await Promise.all(Array.from({ length: 5 }, () => openIdle(url)));
  const first = await call(`${url}/api/orders`, { body: newOrder('first'), agent });
  const { orderId } = first.body as { orderId: string };
  const socketUrl = url.replace('http', 'ws');
  const streams = [`/api/orders/${orderId}/stream`, '/api/stream?after=0', '/api/orders/status'].map((path) =>
    converse(`${socketUrl}${path}`),
  );
  const events = call(`${url}/api/orders/${orderId}/events`, { headers: { accept: 'text/event-stream' } });
  const waits = Array.from({ length: WAITS }, (_, index) =>
    call(`${url}/api/orders`, { body: newOrder(`wait-${index}`), agent, headers: { prefer: 'wait=30' } }),
  );
  await until(async () => {
    const { data } = (await get(`${url}/api/orders?limit=200`)) as { data: unknown[] };
    return data.length > WAITS ? true : undefined;
  });
  const ended = once(child, 'exit');
  const submissions = Array.from({ length: SUBMISSIONS }, async (_, index) => {
    if (index === SUBMISSIONS / 2) child.kill('SIGTERM');
    return call(`${url}/api/orders`, { body: newOrder(`submit-${index}`), agent });
  });
  const startedAtMs = performance.now();

  const outcomes = await Promise.all([...waits, ...submissions]);
  expect(outcomes.filter(({ error }) => error !== null)).toEqual([]);
  expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 201));
  expect(outcomes.slice(0, WAITS).every(({ body }) => body.status !== 'confirmed')).toBe(true);
  for (const stream of streams) expect((await stream).code).toBe(1012);
  const { status, body, error } = await events;
  expect([status, error]).toEqual([200, null]);
  expect(body.text).toMatch(/event: order\.pending[\s\S]*retry: 1000\n\n$/);
  expect(await Promise.all(idle.map(({ ended: end }) => end))).toEqual(idle.map(() => null));
  expect(await ended).toEqual([0, null]);
  expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  return outcomes;
}

/** A connection that is kept alive after one answer. `ended` has the error that it ended with, null for none. */
async function openIdle(url: string): Promise<{ ended: Promise<string | null> }> {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
  let error: string | null = null;
  socket.on('error', (problem: NodeJS.ErrnoException) => (error = problem.code ?? problem.message));
  socket.write('GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  await once(socket, 'data');
  return { ended: once(socket, 'close').then(() => error) };
}

/** Each order that was acknowledged is there, and each that is there was acknowledged. */
async function expectStored(url: string, answered: readonly Outcome[]): Promise<void> {
  const { data } = (await get(`${url}/api/orders?limit=200`)) as {
    data: { orderId: string; clientOrderId: string }[];
  };
  const stored = data.filter(({ clientOrderId }) => clientOrderId !== 'first').map(({ orderId }) => orderId);
  expect(stored.sort()).toEqual(answered.map(({ body }) => body.orderId).sort());
}
