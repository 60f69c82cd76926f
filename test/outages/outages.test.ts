import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startJupiterProxy, type WireAnswer } from '../../packages/engine/test/support/jupiter-proxy.ts';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { call, newOrder } from '../support/http-client.ts';
import { type Frame, get, logOf, untilOver } from '../support/order-client.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';

const ORDERS = 20;
/** Of a busy machine; where nothing else runs it is about a second. Backoffs and sidelined venues took up to a minute. */
const GOES_ON_WITHIN_MS = 45_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function startEngine(env: Record<string, string> = {}): Promise<EngineProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'oee-outage-'));
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const ports = { port: await freePort(), devnetPort: await freePort() };
  const engine = await startEngineProcess({ dataDir, ...ports, env: { DEVNET_SLOT_MS: '200', ...env } });
  cleanups.push(() => engine.stop());
  return engine;
}

async function submitAll({ url }: EngineProcess, prefix: string, more: object = {}): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: ORDERS }, (_, index) =>
      call(`${url}/api/orders`, { body: { ...newOrder(`${prefix}-${index}`), ...more } }),
    ),
  );
  for (const { status } of answers) expect(status).toBe(201);
  return answers.map(({ body }) => (body as { orderId: string }).orderId);
}

const orderOf = async ({ url }: EngineProcess, orderId: string) =>
  (await get(`${url}/api/orders/${orderId}`)) as {
    status: string;
    waiting: { cause: string; since: string } | null;
  };

/** Stops the local chain for so long, as a machine that swaps does, and tells what became of orders that met it. */
async function standStill(engine: EngineProcess, ms: number): Promise<number[]> {
  const before = await submitAll(engine, `before-${ms}`);
  const devnet = engine.devnetPid();
  process.kill(devnet, 'SIGSTOP');
  let backAtMs = 0;
  let during: string[] = [];
  try {
    during = await submitAll(engine, `during-${ms}`);
    await sleep(ms);
    for (const orderId of during) {
      const { status, waiting } = await orderOf(engine, orderId);
      expect([status, waiting?.cause]).toEqual([
        expect.stringMatching(/routing|building/),
        'chain_unavailable',
      ]);
    }
  } finally {
    backAtMs = Date.now();
    process.kill(devnet, 'SIGCONT');
  }
  for (const orderId of [...before, ...during]) {
    expect(await untilOver(engine, orderId)).toBe('confirmed');
    const log = await logOf(engine, orderId);
    expect(log.filter(({ type }) => type === 'order.waiting').length).toBeLessThanOrEqual(1);
    expect(log.filter(isOtherTry)).toEqual([]);
  }
  const logs = await Promise.all(during.map((orderId) => logOf(engine, orderId)));
  return logs.map((log) => timeOf(log, 'order.submitted') - backAtMs);
}

const isOtherTry = ({ type, ...event }: Frame): boolean =>
  type === 'order.routing' && 'cause' in (event as unknown as { data: object }).data;

const timeOf = (log: readonly Frame[], type: string): number =>
  Date.parse(log.find((event) => event.type === type)?.timestamp ?? '');

function expectSoon(delays: readonly number[]): void {
  const sorted = [...delays].sort((one, other) => one - other);
  console.log(
    `went on after ${sorted[0]} to ${sorted.at(-1)} ms, half of them within ${sorted[sorted.length >> 1]} ms`,
  );
  expect(sorted.at(-1)).toBeLessThan(GOES_ON_WITHIN_MS);
}

test('a chain that stands still for seconds fails no order, and each goes on soon after', async () => {
  const engine = await startEngine();
  for (const ms of [3_000, 8_000]) expectSoon(await standStill(engine, ms));
  const { data } = (await get(`${engine.url}/api/venues`)) as { data: { state: string; failures: number }[] };
  expect(data.filter(({ state }) => state !== 'well')).toEqual([]);
}, 240_000);

test('an order whose time is over while the chain is away expires then, and lands never', async () => {
  const engine = await startEngine();
  const devnet = engine.devnetPid();
  process.kill(devnet, 'SIGSTOP');
  let orders: string[] = [];
  try {
    orders = await submitAll(engine, 'hasty', { expiresAt: new Date(Date.now() + 4_000).toISOString() });
    const waiting = await submitAll(engine, 'canceled');
    await sleep(2_000);
    for (const orderId of waiting) {
      const { status } = await fetch(`${engine.url}/api/orders/${orderId}`, { method: 'DELETE' });
      expect(status).toBe(200);
      expect((await orderOf(engine, orderId)).status).toBe('canceled');
    }
    for (const orderId of orders) expect(await untilOver(engine, orderId)).toBe('expired');
  } finally {
    process.kill(devnet, 'SIGCONT');
  }
  const log = await logOf(engine, orders[0]!);
  expect(log.map(({ type }) => type)).toEqual([
    'order.pending',
    'order.routing',
    'order.waiting',
    'order.expired',
  ]);
}, 240_000);

describeWith({ needs: 'postgres' })('with PostgreSQL', (program) => {
  test('a chain that stands still fails no order', async () => {
    const postgres = await startPostgresServer(program);
    cleanups.push(() => postgres.close());
    const engine = await startEngine({ DATABASE_URL: postgres.url });
    expectSoon(await standStill(engine, 5_000));
  }, 240_000);
});

/** Promises a third more than it has, in every field that says so; its instructions are the honest ones. */
function promiseMore(answer: WireAnswer): void {
  const more = (amount: string) => String((BigInt(amount) * 4n) / 3n);
  const { outputMint } = answer;
  answer.outAmount = '0';
  for (const { swapInfo } of answer.routePlan) {
    if (swapInfo.outputMint !== outputMint) continue;
    swapInfo.outAmount = more(swapInfo.outAmount);
    answer.outAmount = String(BigInt(answer.outAmount) + BigInt(swapInfo.outAmount));
  }
  answer.otherAmountThreshold = answer.outAmount;
}

test('a venue that lies costs an order one try: the others fill it, and the liar is sidelined', async () => {
  let devnetUrl = '';
  const proxy = await startJupiterProxy(() => `${devnetUrl}/swap/v2`);
  cleanups.push(() => proxy.close());
  proxy.mischief = { kind: 'change', change: promiseMore };
  const dataDir = mkdtempSync(join(tmpdir(), 'oee-liar-'));
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const ports = { port: await freePort(), devnetPort: await freePort() };
  devnetUrl = `http://127.0.0.1:${ports.devnetPort}`;
  const env = { DEVNET_SLOT_MS: '200', JUPITER_URL: proxy.url };
  const engine = await startEngineProcess({ dataDir, ...ports, env });
  cleanups.push(() => engine.stop());
  const orders = await submitAll(engine, 'lied-to');
  for (const orderId of orders) expect(await untilOver(engine, orderId)).toBe('confirmed');
  const logs = await Promise.all(orders.map((orderId) => logOf(engine, orderId)));
  const retried = logs.flat().filter(isOtherTry) as unknown as {
    data: { leftOut?: string[]; cause: object };
  }[];
  expect(retried.length).toBeGreaterThan(0);
  for (const { data } of retried) {
    expect(data.leftOut).toEqual(['jupiter']);
    expect(data.cause).toMatchObject({ code: expect.not.stringMatching('chain_unavailable') });
  }
  const { data } = (await get(`${engine.url}/api/venues`)) as {
    data: { venue: string; lastFailure: string }[];
  };
  expect(data.find(({ venue }) => venue === 'jupiter')?.lastFailure).toMatch(/./);
}, 240_000);
