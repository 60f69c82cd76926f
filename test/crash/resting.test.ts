import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { landedSwapsByOrder } from '../support/landed-swaps.ts';
import { get, logOf, untilOver } from '../support/order-client.ts';

const ORDERS = 20;

test('orders that rest outlive SIGKILL, and of those that fire meanwhile each swaps once', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'oee-resting-'));
  const port = await freePort();
  const options = { dataDir, port, devnetPort: await freePort(), env: { DEVNET_SLOT_MS: '50' } };
  let engine = await startEngineProcess(options);
  const restart = async () => {
    await engine.kill();
    engine = await startEngineProcess(options);
  };
  try {
    const asleep = await Promise.all(
      [
        { type: 'limit', limitPrice: '100000' },
        { type: 'stop', stopPrice: '0.001' },
        { type: 'trailingStop', trailingBps: 9_000 },
        { type: 'market', startAt: '2100-01-01T00:00:00Z' },
      ].map((body) => send(engine, 'POST', '', body)),
    );
    await restart();
    for (const { orderId } of asleep)
      expect(await get(`${engine.url}/api/orders/${orderId}`)).toMatchObject({ status: 'open', sequence: 2 });

    // The price is there for all of these at once, and the process dies while they fire.
    const waiting = await Promise.all(
      Array.from({ length: ORDERS }, () => send(engine, 'POST', '', { type: 'limit', limitPrice: '100000' })),
    );
    await Promise.all(
      waiting.map(({ orderId }) => send(engine, 'PATCH', `/${orderId}`, { limitPrice: '1' })),
    );
    await sleep(150);
    await restart();
    await sleep(300);
    await restart();
    for (const { orderId } of waiting) expect(await untilOver(engine, orderId)).toBe('confirmed');

    const wallets = (await get(`${engine.url}/api/wallets`)) as { data: { address: string }[] };
    const landed = await landedSwapsByOrder(engine.devnetUrl, wallets.data[0]!.address);
    expect([...landed.keys()].sort()).toEqual(waiting.map(({ orderId }) => orderId).sort());
    expect(new Set(landed.values())).toEqual(new Set([1]));
    for (const { orderId } of waiting) {
      const log = await logOf(engine, orderId);
      expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
    }
    for (const { orderId } of asleep)
      expect(await get(`${engine.url}/api/orders/${orderId}`)).toMatchObject({ status: 'open', sequence: 2 });
  } finally {
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 240_000);

async function send(
  { url }: EngineProcess,
  method: string,
  path: string,
  body: object,
): Promise<{ readonly orderId: string }> {
  const swap = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '0.5' };
  const response = await fetch(`${url}/api/orders${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(method === 'POST' ? { ...swap, ...body } : body),
  });
  expect(response.ok, await response.clone().text()).toBe(true);
  return (await response.json()) as { orderId: string };
}
