import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type EngineProcess,
  type EngineProcessOptions,
  freePort,
  spawnEngine,
  startEngineProcess,
} from './support/engine-process.ts';

const CONTAINER = ['--pid', '--fork', '--mount-proc', '--uts', '--kill-child'];
const isRoot = spawnSync('unshare', [...CONTAINER, 'true']).status === 0;
if (!isRoot) console.warn('LEFT OUT: a second engine in another container needs unshare and root.');

let root: string;
let options: EngineProcessOptions;
let engine: EngineProcess | undefined;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'oee-directory-'));
  mkdirSync(join(root, 'data'));
  options = { dataDir: join(root, 'data'), port: await freePort(), devnetPort: await freePort() };
});
afterEach(async () => {
  engine?.child.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 500)); // Its devnet follows.
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

async function submit(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${options.port}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '0.1' }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { orderId: string }).orderId;
}

/** What a second engine says before it ends. */
async function refusal(child: ChildProcess, output: () => string): Promise<string> {
  await expect.poll(() => child.exitCode, { timeout: 60_000 }).toBe(1);
  return output();
}

describe('a DATA_DIR', () => {
  test('stays with its engine while that is stopped and its lock file is truncated, and is free after a kill', async () => {
    engine = await startEngineProcess(options);
    const orderIds = [await submit(), await submit(), await submit()];
    engine.child.kill('SIGSTOP');
    truncateSync(join(options.dataDir, 'database', 'lock'), 0);
    const rival = { ...options, port: await freePort(), devnetPort: await freePort() };
    const said = 'in use by another process, which its file "lock" does not name';
    const second = spawnEngine(rival);
    expect(await refusal(second.child, second.output)).toContain(said);
    if (isRoot) {
      const inside = spawnInContainer(rival);
      expect(await refusal(inside.child, inside.output)).toContain(said);
    }
    engine.child.kill('SIGCONT');
    await engine.kill();
    engine = await startEngineProcess(options);
    for (const orderId of orderIds) {
      const response = await fetch(`${engine.url}/api/orders/${orderId}`);
      expect([response.status, orderId]).toEqual([200, orderId]);
    }
  }, 300_000);

  test('that is moved away under its engine ends the engine, which leaves the new directory alone', async () => {
    engine = await startEngineProcess(options);
    await submit();
    const { child } = engine;
    const ended = once(child, 'exit');
    renameSync(options.dataDir, `${options.dataDir}.moved`);
    expect((await ended)[0]).toBe(1);
    expect(engine.output()).toContain('database directory replaced, stopping');
    expect(existsSync(options.dataDir) ? readdirSync(options.dataDir) : []).toEqual([]);
  }, 300_000);
});

/** An engine with its own process ids, its own /proc and another host name. */
function spawnInContainer({ dataDir, port, devnetPort }: EngineProcessOptions) {
  const main = new URL('../packages/engine/dist/main/serve.js', import.meta.url).pathname;
  const start = 'hostname another && exec "$@"';
  const child = spawn('unshare', [...CONTAINER, 'sh', '-c', start, 'sh', process.execPath, main], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DEVNET_PORT: String(devnetPort),
      DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk));
  return { child, output: () => text };
}
