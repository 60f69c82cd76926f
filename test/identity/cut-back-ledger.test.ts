import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EngineProcess, freePort, spawnEngine, startEngineProcess } from '../support/engine-process.ts';
import { landedSwapsByOrder } from '../support/landed-swaps.ts';
import { get, logOf, readiness, submit, until, untilOver } from '../support/order-client.ts';

const PATIENCE = { timeout: 150_000, interval: 200 };
let dataDir: string;
let engine: Pick<EngineProcess, 'child'> | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'oee-cut-back-'));
});
afterEach(async () => {
  engine?.child.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 500)); // Its devnet follows.
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

test('an engine whose chain has lost finalized orders is not ready and signs nothing, until they are back', {
  timeout: 400_000,
}, async () => {
  const options = {
    dataDir,
    port: await freePort(),
    devnetPort: await freePort(),
    env: { DEVNET_SLOT_MS: '50', QUOTE_TIMEOUT_MS: '10000', MAX_QUOTE_AGE_SLOTS: '150' },
  };
  const { early, whole, ledger } = {
    early: join(dataDir, 'early'),
    whole: join(dataDir, 'whole'),
    ledger: join(dataDir, 'devnet'),
  };
  const first = await startEngineProcess(options);
  engine = first;
  expect(await first.stop()).toBe(0);
  cpSync(ledger, early, { recursive: true });

  const second = await startEngineProcess(options);
  engine = second;
  const finalized = await submit(second);
  expect(await untilOver(second, finalized)).toBe('confirmed');
  await until(async () => (await isFinalized(second, finalized)) || undefined);
  expect(await second.stop()).toBe(0);
  renameSync(ledger, whole);
  renameSync(early, ledger);

  // The same chain by its genesis hash, and it knows nothing of what was finalized.
  const cut = spawnEngine(options);
  engine = cut;
  const api = { url: `http://127.0.0.1:${options.port}` };
  await expect.poll(cut.output, PATIENCE).toContain('a finalized order is missing from the chain');
  const { status, checks } = await readiness(api);
  expect([status, checks.finalizedOrders]).toEqual(['unavailable', false]);
  const waiting = await submit(api);
  const typesOf = async (orderId: string) => (await logOf(api, orderId)).map(({ type }) => type);
  await expect.poll(() => typesOf(waiting), PATIENCE).toContain('order.waiting');
  await new Promise((resolve) => setTimeout(resolve, 3_000)); // Sixty slots, in which it could have landed.
  expect(await typesOf(waiting)).not.toContain('order.submitted');
  const { data } = (await get(`${api.url}/api/wallets`)) as { data: { address: string }[] };
  const wallet = data[0]!.address;
  expect(await landedSwapsByOrder(`http://127.0.0.1:${options.devnetPort}`, wallet)).toEqual(new Map());
  cut.child.kill('SIGTERM');
  await expect.poll(() => cut.child.exitCode, PATIENCE).toBe(0);

  rmSync(ledger, { recursive: true });
  renameSync(whole, ledger);
  const last = await startEngineProcess(options);
  engine = last;
  expect(await untilOver(last, waiting)).toBe('confirmed');
  expect(await landedSwapsByOrder(last.devnetUrl, wallet)).toEqual(
    new Map([
      [finalized, 1],
      [waiting, 1],
    ]),
  );
  await last.stop();
});

const isFinalized = async (api: { url: string }, orderId: string): Promise<boolean> =>
  (await logOf(api, orderId)).some(({ type }) => type === 'order.finalized');
