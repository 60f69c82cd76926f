import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { build } from '../../../../../scripts/build.mjs';
import { openPglite } from './pglite/pglite.ts';

const dist = new URL('../../../dist/', import.meta.url);

/** Submits orders without end, eight at a time, and writes each id after its acknowledgment. */
const SUBMITTER = `
import { openPglite } from '${new URL('adapters/postgres/pglite/pglite.js', dist)}';
import { migrate } from '${new URL('adapters/postgres/migrate.js', dist)}';
import { createPostgresOrderStore } from '${new URL('adapters/postgres/order-store.js', dist)}';
import { newOrder, appendEvents } from '${new URL('domain/apply-event.js', dist)}';
import { createSystemRandom } from '${new URL('adapters/system/random.js', dist)}';
import { writeSync } from 'node:fs';
const { pool } = await openPglite(process.argv[1]);
await migrate(pool);
const store = createPostgresOrderStore({ pool });
const random = createSystemRandom();
const token = (symbol) => ({ mint: symbol, symbol, decimals: 6, tokenProgram: 'tokens' });
async function submit() {
  for (;;) {
    const { order, events } = newOrder({ orderId: random.uuid(), accountId: 'a', clientOrderId: null, type: 'market',
      tokenIn: token('A'), tokenOut: token('B'), swapMode: 'exactIn', amount: 1n, slippageBps: 0, maxPriceImpactBps: null, minAmountOut: null,
      maxAmountIn: null, executionGuard: 'protocol', dialect: null, heldUntilMs: null, expiresAtMs: null, seenAmount: null, createdAtMs: Date.now() });
    await store.submit(order, events, { idempotencyKey: null, fingerprint: 'f' });
    writeSync(1, order.request.orderId + ' 1\\n');
    const next = appendEvents(order, [{ type: 'order.routing', data: { try: 1 } }], Date.now());
    await store.transition({ ...next, expectedSequence: 1, fence: null, lease: { kind: 'keep' } });
    writeSync(1, order.request.orderId + ' 2\\n');
  }
}
await Promise.all(Array.from({ length: 8 }, submit));
`;

let directory: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pglite-crash-'));
  await build();
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** Starts a process that submits; resolves when it has acknowledged something. */
async function startSubmitter(acknowledged: Map<string, number>): Promise<ChildProcess> {
  const started = spawn(process.execPath, ['--input-type=module', '-e', SUBMITTER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
  });
  child = started;
  const lines = createInterface(started.stdout);
  lines.on('line', (line) => {
    const [orderId, sequence] = line.split(' ');
    acknowledged.set(orderId as string, Number(sequence));
  });
  await Promise.race([
    once(lines, 'line'),
    once(started, 'exit').then(() => Promise.reject(new Error('the submitter has ended'))),
  ]);
  return started;
}

describe('PGlite in a directory', () => {
  test('has every acknowledged write after each of three kills of its process', async () => {
    const acknowledged = new Map<string, number>();
    for (const runMs of [100, 250, 400]) {
      const before = acknowledged.size;
      const submitter = await startSubmitter(acknowledged);
      await new Promise((resolve) => setTimeout(resolve, runMs));
      submitter.kill('SIGKILL');
      await once(submitter, 'close');
      expect(acknowledged.size).toBeGreaterThan(before);

      const { pool, close } = await openPglite(directory);
      const orders = await pool.query<{ order_id: string; sequence: number }>(
        'SELECT order_id, sequence FROM orders',
      );
      const stored = new Map(orders.rows.map((row) => [row.order_id, row.sequence]));
      const lost = [...acknowledged].filter(([orderId, sequence]) => (stored.get(orderId) ?? 0) < sequence);
      expect(lost).toEqual([]);
      const torn = await pool.query(
        'SELECT order_id FROM orders o WHERE sequence <> (SELECT count(*) FROM order_events e WHERE e.order_id = o.order_id)',
      );
      expect(torn.rows).toEqual([]);
      await close();
    }
  }, 60_000);

  test('is refused to a second process while the first lives, and names the first', async () => {
    const submitter = await startSubmitter(new Map());
    await expect(openPglite(directory)).rejects.toThrow(`${directory} is in use by process ${submitter.pid}`);
    submitter.kill('SIGKILL');
    await once(submitter, 'close');
    await (await openPglite(directory)).close();
  });
});
