import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';

// Wrong slots and heights on a running engine. It is never restarted: what one lie leaves behind, the next order meets.

const PATIENCE_MS = 60_000;
let dataDir: string;
let engine: EngineProcess;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'slots-'));
  const [port, devnetPort] = [await freePort(), await freePort()];
  engine = await startEngineProcess({ dataDir, port, devnetPort, env: { DEVNET_MARKET: 'none' } });
}, 120_000);
afterEach(() => faults('DELETE'));
afterAll(async () => {
  await engine?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

async function faults(method: 'POST' | 'DELETE', body?: object): Promise<void> {
  const response = await fetch(`${engine.devnetUrl}/admin/faults`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
}

interface Outcome {
  readonly status: string;
  readonly failure: unknown;
}

async function trade(): Promise<Outcome> {
  const response = await fetch(`${engine.url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify({ type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '0.01' }),
  });
  const { orderId } = (await response.json()) as { orderId: string };
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(200)) {
    const order = (await (await fetch(`${engine.url}/api/orders/${orderId}`)).json()) as Outcome;
    if (!['pending', 'routing', 'building', 'submitted'].includes(order.status)) return order;
  }
  throw new Error(`order ${orderId} is not over`);
}

const SLOTS = [1_000, 9_000_000_000_000];
const EVERY_CALL = { rate: 1 };

test.each(SLOTS)('one notification of %s slots too many does not disturb an order', async (slots) => {
  await faults('POST', { socketAhead: { next: 1, slots } });
  await sleep(1_500); // The notification has been sent.
  expect(await trade()).toMatchObject({ status: 'confirmed', failure: null });
});

test.each(SLOTS)('one answer of %s slots too many does not disturb an order', async (slots) => {
  for (const method of ['getSlot', 'getLatestBlockhash', 'getMultipleAccounts', 'getEpochInfo']) {
    await faults('POST', { ahead: { next: 1, slots, blocks: slots, methods: [method] } });
    expect(await trade()).toMatchObject({ status: 'confirmed', failure: null });
  }
});

test.each([1, 2])(
  'node %s that always reports too high slots, on its sockets too, is outvoted',
  async (node) => {
    for (const slots of SLOTS) {
      const mad = { ...EVERY_CALL, slots, blocks: slots };
      await faults('POST', { node, ahead: mad, socketAhead: { ...EVERY_CALL, slots } });
      await sleep(2_500);
      expect(await trade()).toMatchObject({ status: 'confirmed', failure: null });
      const { checks } = (await (await fetch(`${engine.url}/readyz`)).json()) as { checks: object };
      expect(checks).toMatchObject({ nodes: false, slots: true, market: true, quotes: true });
      await faults('DELETE');
    }
  },
  180_000,
);

test('two nodes with wrong blockhash slots end readiness, and trading continues when they are right again', async () => {
  for (const node of [1, 2])
    await faults('POST', { node, ahead: { ...EVERY_CALL, slots: 1_000, methods: ['getLatestBlockhash'] } });
  const isReady = async (): Promise<boolean> => (await fetch(`${engine.url}/readyz`)).ok;
  await expect.poll(isReady, { timeout: PATIENCE_MS, interval: 250 }).toBe(false);
  await faults('DELETE');
  await expect.poll(isReady, { timeout: PATIENCE_MS, interval: 250 }).toBe(true);
  expect(await trade()).toMatchObject({ status: 'confirmed', failure: null });
}, 180_000);
