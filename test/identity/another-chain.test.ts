import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { endWithUs } from '../support/end-with-us.ts';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { landedSwapsByOrder, signaturesOf } from '../support/landed-swaps.ts';
import { get, logOf, readiness, until, untilOver } from '../support/order-client.ts';

const DEVNET = fileURLToPath(new URL('../../packages/devnet/dist/main.js', import.meta.url));

let directory: string;
let engine: EngineProcess | undefined;
const devnets = new Set<ChildProcess>();
afterEach(async () => {
  await engine?.kill();
  engine = undefined;
  await Promise.all([...devnets].map(stopDevnet));
  rmSync(directory, { recursive: true, force: true });
});

/** A local chain of its own ledger, at a port that another one had before. */
async function startDevnet(ledger: string, port: number): Promise<ChildProcess> {
  const args = [DEVNET, '--port', String(port), '--slot-ms', '100', '--ledger', join(directory, ledger)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  endWithUs(child);
  devnets.add(child);
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (text += chunk));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(text);
    return text.includes('"ready":true') || undefined;
  });
  return child;
}

async function stopDevnet(child: ChildProcess): Promise<void> {
  devnets.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function admin(url: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/admin/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

async function heightAt(url: string): Promise<number> {
  const { blockHeight } = (await get(`${url}/admin/status`)) as { blockHeight: number };
  return blockHeight;
}

async function submit(url: string, executionGuard: string): Promise<string> {
  const answer = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '0.1', slippageBps: 1_000 },
      executionGuard,
    }),
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { orderId: string }).orderId;
}

async function walletOf({ url }: EngineProcess): Promise<string> {
  const { data } = (await get(`${url}/api/wallets`)) as { data: { address: string }[] };
  return data[0]!.address;
}

const statusOf = async (orderId: string): Promise<string> =>
  ((await get(`${engine!.url}/api/orders/${orderId}`)) as { status: string }).status;

const untilStatus = (orderId: string, status: string): Promise<string> =>
  until(async () => ((await statusOf(orderId)) === status ? status : undefined));

test('orders in flight survive an address that leads to another chain and back: none is closed meanwhile, none doubled', {
  timeout: 240_000,
}, async () => {
  directory = mkdtempSync(join(tmpdir(), 'oee-identity-'));
  const devnetPort = await freePort();
  const devnetUrl = `http://127.0.0.1:${devnetPort}`;
  const home = await startDevnet('home', devnetPort);
  engine = await startEngineProcess({
    dataDir: directory,
    port: await freePort(),
    devnetPort,
    env: { DEVNET_URL: devnetUrl, MAX_TRIES: '10', QUOTE_TIMEOUT_MS: '10000', MAX_QUOTE_AGE_SLOTS: '150' },
  });
  const address = await walletOf(engine);
  await admin(devnetUrl, 'faults', { drop: { rate: 1 } });
  const guards = ['protocol', 'strict', 'protocol', 'strict'];
  const inFlight = await Promise.all(guards.map((guard) => submit(engine!.url, guard)));
  for (const orderId of inFlight) await untilStatus(orderId, 'submitted');

  const homeHeight = await heightAt(devnetUrl);
  await stopDevnet(home);
  const other = await startDevnet('other', devnetPort);
  const beyond = homeHeight + 200 - (await heightAt(devnetUrl)); // Of the last valid height of every attempt.
  expect(beyond).toBeGreaterThan(0);
  await admin(devnetUrl, 'advance', { blocks: beyond });
  const { checks } = await until(async () => {
    const now = await readiness(engine!);
    return now.checks.chainIdentity === false ? now : undefined;
  });
  expect(checks).toMatchObject({ database: true, chain: false, chainIdentity: false });
  expect((await fetch(`${engine.url}/readyz`)).status).toBe(503);
  expect(await get(`${engine.url}/health`)).toMatchObject({ status: 'ok', chainIdentity: false });
  const late = await submit(engine.url, 'protocol');
  await sleep(5_000); // Several rounds of every proof.
  expect(await Promise.all(inFlight.map(statusOf))).toEqual(inFlight.map(() => 'submitted'));
  expect(await statusOf(late)).not.toBe('submitted');
  expect(await get(`${engine.url}/api/wallets`)).toMatchObject({ code: 'chain_unavailable' });
  expect(engine.output()).toContain('node answers for another chain, nothing is signed');

  expect(await signaturesOf(devnetUrl, address)).toEqual([]);
  await stopDevnet(other);
  await startDevnet('home', devnetPort);
  const ends = await Promise.all(inFlight.map((orderId) => untilOver(engine!, orderId)));
  expect(ends).toEqual(inFlight.map(() => 'confirmed'));
  await until(async () => ((await readiness(engine!)).status === 'ready' ? true : undefined));
  const after = await submit(engine.url, 'protocol');
  expect(await untilOver(engine, after), JSON.stringify(await logOf(engine, after))).toBe('confirmed');
  const landed = await landedSwapsByOrder(devnetUrl, address);
  for (const orderId of [...inFlight, after]) expect(landed.get(orderId), orderId).toBe(1);
  expect(await engine.stop()).toBe(0);
});
