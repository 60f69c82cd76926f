import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type EngineProcess, freePort, startEngineProcess } from './support/engine-process.ts';
import { type Api, get, logOf, submit } from './support/order-client.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'oee-rate-limit-'));
let engine: EngineProcess | undefined;
afterEach(async () => {
  await engine?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a limit of starts per minute delays no start within it, holds back the rest, and survives a restart', async () => {
  const ports = { port: await freePort(), devnetPort: await freePort() };
  const start = (): Promise<EngineProcess> =>
    startEngineProcess({
      dataDir,
      ...ports,
      env: { QUEUE_RATE_LIMIT_PER_MINUTE: '10', QUEUE_MAX_CONCURRENCY: '10', DEVNET_SLOT_MS: '50' },
    });
  engine = await start();
  const api = { url: engine.url };
  await Promise.all(Array.from({ length: 13 }, () => submit(api)));
  await vi.waitFor(async () => expect(await begun(api)).toHaveLength(10), { timeout: 10_000 });
  const times = (await begun(api)).sort((one, other) => one - other);
  expect(times[9]! - times[0]!).toBeLessThan(4_000); // One every six seconds, if they were spaced.
  await engine.stop();
  engine = await start();
  await new Promise((resolve) => setTimeout(resolve, 5_000)); // The sweep has looked by then.
  expect(await begun(api)).toHaveLength(10);
}, 120_000);

/** When each order's first try began; orders that wait for it have no such time. */
async function begun(api: Api): Promise<number[]> {
  const { data: orders } = (await get(`${api.url}/api/orders?limit=100`)) as { data: { orderId: string }[] };
  const logs = await Promise.all(orders.map(({ orderId }) => logOf(api, orderId)));
  return logs.flatMap((log) => {
    const routing = log.find(({ type }) => type === 'order.routing');
    return routing ? [Date.parse(routing.timestamp)] : [];
  });
}
