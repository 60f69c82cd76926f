import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startJupiterProxy, type WireAnswer } from '../../packages/engine/test/support/jupiter-proxy.ts';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { call, newOrder } from '../support/http-client.ts';
import { type Frame, get, logOf, until, untilOver } from '../support/order-client.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';

const ORDERS = 10;
/**
 * After its return an outage may cost what the same orders cost before it, with room for a machine that has other work, and a
 * second. Backoffs, sidelined venues and connections that hang took 5 to 60 s, of every one of them.
 */
const goesOnWithinMs = (usualMs: number) => Math.max(10_000, 1_000 + 5 * usualMs);

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

/** Takes the local chain away, and gives the moment at which it is back. */
type Outage = (engine: EngineProcess) => Promise<{
  readonly end: () => Promise<number>;
  /** Orders that are submitted meanwhile have to wait. */
  readonly isLong: boolean;
}>;

/** As with a machine that swaps or a network that is cut: connections stay open, and no answer comes. */
const standStill =
  (ms: number): Outage =>
  async (engine) => {
    const devnet = engine.devnetPid();
    process.kill(devnet, 'SIGSTOP');
    let isStopped = true;
    const goOn = () => {
      isStopped = false;
      process.kill(devnet, 'SIGCONT');
    };
    cleanups.push(() => {
      if (isStopped) goOn();
    });
    return {
      isLong: true,
      async end() {
        await sleep(ms);
        goOn();
        return Date.now();
      },
    };
  };

/** Connections are reset, and the engine starts its chain again. */
const crash: Outage = async (engine) => {
  process.kill(engine.devnetPid(), 'SIGKILL');
  return { isLong: false, end: () => until(() => answers(engine)) };
};

async function answers({ devnetUrl }: EngineProcess): Promise<number> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getSlot' });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(devnetUrl, { method: 'POST', headers, body })).status).toBe(200);
  return Date.now();
}

/** How long the orders take from their acceptance to their submission where nothing is away. */
async function usual(engine: EngineProcess): Promise<number> {
  const orders = await submitAll(engine, `usual-${Date.now()}`);
  for (const orderId of orders) expect(await untilOver(engine, orderId)).toBe('confirmed');
  const logs = await Promise.all(orders.map((orderId) => logOf(engine, orderId)));
  return Math.max(...logs.map((log) => timeOf(log, 'order.submitted') - timeOf(log, 'order.pending')));
}

/** Orders that met the outage fill in their first try, and those that waited go on soon after the return. */
async function survive(engine: EngineProcess, name: string, outage: Outage): Promise<void> {
  const usualMs = await usual(engine);
  const before = await submitAll(engine, `before-${name}`);
  const { end, isLong } = await outage(engine);
  const during = await submitAll(engine, `during-${name}`);
  const backAtMs = await end();
  for (const orderId of [...before, ...during]) {
    expect(await untilOver(engine, orderId)).toBe('confirmed');
    const log = await logOf(engine, orderId);
    const causes = log.flatMap((event) => (event.type === 'order.waiting' ? [dataOf(event).cause] : []));
    expect(causes).toEqual([...new Set(causes)]); // Each is told once.
    expect(log.filter(isOtherTry)).toEqual([]);
  }
  const logs = await Promise.all(during.map((orderId) => logOf(engine, orderId)));
  const lateMs = logs.map((log) => timeOf(log, 'order.submitted') - backAtMs);
  if (isLong) expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0); // The outage was one.
  console.log(`${name}: all went on within ${Math.max(...lateMs)} ms of the return; ${usualMs} ms are usual`);
  expect(Math.max(...lateMs)).toBeLessThan(goesOnWithinMs(usualMs));
  const { data } = (await get(`${engine.url}/api/venues`)) as { data: { state: string; failures: number }[] };
  expect(data.filter(({ state }) => state !== 'well')).toEqual([]);
}

const dataOf = (event: Frame) => (event as unknown as { data: { cause?: unknown } }).data;

const isOtherTry = (event: Frame): boolean => event.type === 'order.routing' && 'cause' in dataOf(event);

const timeOf = (log: readonly Frame[], type: string): number =>
  Date.parse(log.find((event) => event.type === type)?.timestamp ?? '');

/** Beyond the time that a question may take. A minute and more: `OUTAGE_MS=60000`. */
const LONG_MS = Number(process.env.OUTAGE_MS ?? 8_000);

test('a chain that stands still, or crashes and restarts, fails no order, and each order continues soon after', async () => {
  const engine = await startEngine();
  await survive(engine, 'stand-still', standStill(LONG_MS));
  await survive(engine, 'crash', crash);
}, 300_000);

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

test('an order whose deadline passes while the chain is away expires then, and never lands', async () => {
  const engine = await startEngine();
  const devnet = engine.devnetPid();
  process.kill(devnet, 'SIGSTOP');
  let orders: string[] = [];
  try {
    const quoted = await submitAll(engine, 'quoted', { expiresAt: inMs(4_000) }); // From the slot before the chain stopped.
    await sleep(1_000); // Older accounts give no quote.
    orders = await submitAll(engine, 'hasty', { expiresAt: inMs(4_000) });
    const waiting = await submitAll(engine, 'canceled');
    await sleep(2_000);
    for (const orderId of waiting) {
      const { status } = await fetch(`${engine.url}/api/orders/${orderId}`, { method: 'DELETE' });
      expect(status).toBe(200);
      expect((await orderOf(engine, orderId)).status).toBe('canceled');
    }
    for (const orderId of [...quoted, ...orders]) expect(await untilOver(engine, orderId)).toBe('expired');
    for (const orderId of quoted)
      expect((await logOf(engine, orderId)).map(({ type }) => type)).not.toContain('order.submitted');
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
    await survive(engine, 'stand-still', standStill(3_000));
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

test('a venue with false quotes costs an order one try: other venues fill it, and the venue is sidelined', async () => {
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
