import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type EngineProcess,
  type EngineProcessOptions,
  freePort,
  spawnEngine,
  startEngineProcess,
} from '../support/engine-process.ts';
import { landedSwapsByOrder } from '../support/landed-swaps.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { describeWith } from '../support/requires.ts';
import { converse } from '../support/socket-client.ts';

/** The drill of docs/operations.md: backup, crash, restore, and a start that asks the chain first. */
let dataDir: string;
let options: EngineProcessOptions;
let engine: EngineProcess | undefined;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'oee-restore-'));
  const env = { DEVNET_SLOT_MS: '20', DEVNET_MARKET: 'none' };
  options = { dataDir, port: await freePort(), devnetPort: await freePort(), env };
});
afterEach(async () => {
  await engine?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a restored embedded directory swaps no order twice', async () => {
  engine = await startEngineProcess(options);
  const before = await tradeBeforeBackup(engine);
  await engine.stop();
  const [database, backup] = [join(dataDir, 'database'), join(dataDir, 'backup')];
  cpSync(database, backup, { recursive: true });
  engine = await startEngineProcess(options);
  const after = await tradeAfterBackup(engine, before);
  await engine.kill();

  rmSync(database, { recursive: true });
  cpSync(backup, database, { recursive: true });
  await expectRefusalToSign(options);
  engine = await startEngineProcess({ ...options, args: ['--recovered'] });
  await expectNothingDoubled(engine, before, after);
}, 120_000);

test('an interrupted recovery must be started again, and a misspelled argument is refused', async () => {
  engine = await startEngineProcess(options);
  await engine.stop();
  const cut = spawnEngine({ ...options, args: ['--recovered'], env: { ...options.env, LOG_LEVEL: 'info' } });
  await expect
    .poll(cut.output, { timeout: 30_000 })
    .toContain('recovery waits until lost transactions have expired');
  cut.child.kill('SIGKILL');
  expect(await refusal({ ...options, args: ['--recoverd'] })).toContain('--recoverd');
  expect(await refusal(options)).toContain('start one process with --recovered first');
  engine = await startEngineProcess({ ...options, args: ['--recovered'] });
  await engine.stop();
  engine = await startEngineProcess(options);
}, 120_000);

describeWith({ needs: 'postgres' })('on a PostgreSQL server', (postgresProgram) => {
  const program = (name: string) => join(dirname(realpathSync(postgresProgram)), name);

  test('a restored dump swaps no order twice', async () => {
    const server = await startPostgresServer(postgresProgram);
    try {
      const on = (url: string) => ({ ...options, env: { ...options.env, DATABASE_URL: url } });
      engine = await startEngineProcess(on(server.url));
      const before = await tradeBeforeBackup(engine);
      const dump = join(dataDir, 'orders.dump');
      execFileSync(program('pg_dump'), ['--format=custom', `--file=${dump}`, server.url]);
      const after = await tradeAfterBackup(engine, before);
      await engine.kill();

      execFileSync(program('createdb'), [`--maintenance-db=${server.url}`, 'orders']);
      const restored = server.url.replace(/postgres$/, 'orders');
      execFileSync(program('pg_restore'), ['--exit-on-error', `--dbname=${restored}`, dump]);
      engine = await startEngineProcess({ ...on(restored), args: ['--recovered'] });
      await expectNothingDoubled(engine, before, after);
    } finally {
      await engine?.kill();
      server.close();
    }
  }, 120_000);
});

interface Before {
  /** Confirmed when the backup was made. */
  readonly confirmed: string;
  /** Pending then: it waits for its stream. */
  readonly held: string;
}

async function tradeBeforeBackup({ url }: EngineProcess): Promise<Before> {
  const { orderId: confirmed } = await post(`${url}/api/orders`, MARKET, { prefer: 'wait=20' });
  const body = { fromToken: 'SOL', toToken: 'USDC', amount: 0.1, orderType: 'market' };
  const { orderId: held } = await post(`${url}/api/orders/execute`, body);
  expect(await statusOf(url, confirmed)).toBe('confirmed');
  expect(await statusOf(url, held)).toBe('pending');
  return { confirmed, held };
}

interface After {
  /** Accepted and confirmed after the backup. */
  readonly lost: string;
}

async function tradeAfterBackup({ url }: EngineProcess, { held }: Before): Promise<After> {
  await converse(`${url.replace('http', 'ws')}/ws?orderId=${held}`);
  const { orderId: lost } = await post(`${url}/api/orders`, MARKET, { prefer: 'wait=20' });
  expect(await statusOf(url, held)).toBe('confirmed');
  expect(await statusOf(url, lost)).toBe('confirmed');
  // A start compares the database with what is final on the chain, and with nothing later.
  for (const orderId of [held, lost])
    await expect.poll(() => isFinalized(url, orderId), { timeout: 30_000 }).toBe(true);
  return { lost };
}

async function expectNothingDoubled(running: EngineProcess, before: Before, after: After): Promise<void> {
  const { url, devnetUrl, output } = running;
  expect(await statusOf(url, before.confirmed)).toBe('confirmed');
  expect(await statusOf(url, before.held)).toBe('confirmed');
  expect((await fetch(`${url}/api/orders/${after.lost}`)).status).toBe(404);
  expect(output()).toMatch(new RegExp(`${after.lost}.*lost order found on the chain`));

  const { orderId: next } = await post(`${url}/api/orders`, MARKET, { prefer: 'wait=20' });
  expect(await statusOf(url, next)).toBe('confirmed');
  const { data } = (await (await fetch(`${url}/api/wallets`)).json()) as { data: { address: string }[] };
  const landed = await landedSwapsByOrder(devnetUrl, data[0]!.address);
  const all = [before.confirmed, before.held, after.lost, next];
  expect(landed).toEqual(new Map(all.map((orderId) => [orderId, 1])));
}

/** A start on the old database that was not told to compare it. */
async function expectRefusalToSign(start: EngineProcessOptions): Promise<void> {
  const { child, output } = spawnEngine(start);
  await expect
    .poll(output, { timeout: 30_000 })
    .toContain('unknown transactions on the chain, signing stopped');
  const ready = () => fetch(`http://127.0.0.1:${start.port}/readyz`).catch(() => null);
  await expect.poll(async () => (await ready())?.status, { timeout: 30_000 }).toBe(503);
  expect(await (await ready())?.json()).toMatchObject({
    checks: { knownTransactions: false, finalizedOrders: true },
    details: { knownTransactions: { reason: expect.stringContaining('start with --recovered') } },
  });
  child.kill('SIGTERM');
  await expect.poll(() => child.exitCode, { timeout: 30_000 }).toBe(0);
}

const MARKET = { type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '0.1' };

async function post(
  url: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ orderId: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect([200, 201]).toContain(response.status);
  return (await response.json()) as { orderId: string };
}

const statusOf = async (url: string, orderId: string): Promise<string> => (await listed(url, orderId)).status;

const isFinalized = async (url: string, orderId: string): Promise<boolean> =>
  (await listed(url, orderId)).finalized;

async function listed(url: string, orderId: string): Promise<{ status: string; finalized: boolean }> {
  const response = await fetch(`${url}/api/orders?limit=200`);
  const { data } = (await response.json()) as {
    data: { orderId: string; status: string; finalized: boolean }[];
  };
  return data.find((order) => order.orderId === orderId)!;
}

/** What an engine says that does not start. */
async function refusal(start: EngineProcessOptions): Promise<string> {
  const { child, output } = spawnEngine(start);
  await expect.poll(() => child.exitCode, { timeout: 30_000 }).toBe(1);
  return output();
}
