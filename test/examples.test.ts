import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EngineProcess, freePort, startEngineProcess } from './support/engine-process.ts';

// Swaps that move the price by somewhat more than one percent. Only these tests trade in the pools.
const ONE_PERCENT_DOWN = { tokenIn: 'PYTH', tokenOut: 'USDC', amountIn: '160000' };
const ONE_PERCENT_UP = { tokenIn: 'USDC', tokenOut: 'PYTH', amountIn: '23000' };

const directory = mkdtempSync(join(tmpdir(), 'oee-examples-'));
let engine: EngineProcess;
let example: ChildProcess;
let output = '';

beforeAll(async () => {
  const env = { DEVNET_MARKET: 'none', DEVNET_SLOT_MS: '100' };
  const [port, devnetPort] = [await freePort(), await freePort()];
  engine = await startEngineProcess({ dataDir: directory, port, devnetPort, env });
}, 120_000);
afterEach(async () => {
  example?.kill('SIGKILL');
  await fetch(`${engine.url}/api/orders?all=true`, { method: 'DELETE' });
});
afterAll(async () => {
  await engine?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function run(name: string, ...args: string[]): void {
  const path = fileURLToPath(new URL(`../examples/${name}.mjs`, import.meta.url));
  const env = { PATH: process.env.PATH, ENGINE_URL: engine.url };
  example = spawn(process.execPath, [path, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  output = '';
  for (const stream of [example.stdout!, example.stderr!])
    stream.on('data', (chunk: Buffer) => (output += chunk));
}

const prints = (text: RegExp) => expect.poll(() => output, { timeout: 60_000, interval: 50 }).toMatch(text);

async function ends(): Promise<number | null> {
  if (example.exitCode === null) await once(example, 'exit');
  return example.exitCode;
}

async function trade(swap: object): Promise<void> {
  const response = await fetch(`${engine.url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify({ type: 'market', ...swap }),
  });
  expect(await response.json()).toMatchObject({ status: 'confirmed' });
}

async function openOrders(): Promise<number> {
  const response = await fetch(`${engine.url}/api/orders?status=open`);
  return ((await response.json()) as { data: unknown[] }).data.length;
}

test('the dip buyer buys after a fall, and sells when the price falls again after a rise', async () => {
  run('dip-buyer', 'PYTH', '20', '50', '50');
  await prints(/waits to buy PYTH/);
  expect(output).not.toMatch(/fires/);
  await trade(ONE_PERCENT_DOWN);
  await prints(/limit fires .*\n20 USDC became [\d.]+ PYTH\nwaits to sell/);
  await trade(ONE_PERCENT_UP);
  await trade(ONE_PERCENT_UP);
  expect(output).not.toMatch(/trailingStop fires/);
  await trade(ONE_PERCENT_DOWN);
  await prints(/trailingStop fires .*\n[\d.]+ PYTH became [\d.]+ USDC/);
  expect(await ends()).toBe(0);
  const [, earned] = /PYTH became ([\d.]+) USDC/.exec(output)!;
  expect(Number(earned)).toBeGreaterThan(19.5);
}, 240_000);

test('the grid buys on the level below, offers it one level higher, and cancels the rest at its end', async () => {
  run('grid', 'PYTH', '50', '2', '80', '2');
  await prints(/4 orders rest/);
  expect(await openOrders()).toBe(4);
  await trade(ONE_PERCENT_DOWN);
  await prints(/buy on level -1: [\d.]+ for 50\nsell rests on level 0/);
  await trade(ONE_PERCENT_UP);
  await trade(ONE_PERCENT_UP);
  await prints(/sell on level 0: 50 for [\d.]+\n2 fills, 3 orders canceled/);
  expect(await ends()).toBe(0);
  expect(await openOrders()).toBe(0);
}, 240_000);

test('the rebalancer sells when the share has risen, and amends the order that did not fire', async () => {
  const response = await fetch(`${engine.url}/api/quotes?tokenIn=PYTH&tokenOut=USDC&amountIn=1000`);
  const { amountOut } = (await response.json()) as { amountOut: string };
  run('rebalance', 'PYTH', '1000', amountOut, '30', '2');
  await prints(/sell rests at [\d.]+\nbuy rests at [\d.]+/);
  await trade(ONE_PERCENT_UP);
  await trade(ONE_PERCENT_UP);
  await prints(/sell: [\d.]+ for [\d.]+; .*\nsell rests at [\d.]+\nbuy amended to [\d.]+/);
  await trade(ONE_PERCENT_DOWN);
  await trade(ONE_PERCENT_DOWN);
  await trade(ONE_PERCENT_DOWN);
  await prints(/buy: [\d.]+ for [\d.]+; .*\n2 fills/);
  expect(await ends()).toBe(0);
  expect(await openOrders()).toBe(0);
}, 240_000);
