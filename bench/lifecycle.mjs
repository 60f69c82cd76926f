// How many orders per second go from POST to `confirmed`, persisted, with every event received on a WebSocket.
//   npm run bench -- lifecycle [--orders 20000] [--concurrency 256] [--devnet]
// Without --devnet the chain decides at once (in process); with it the real devnet runs at 50 ms slots.
// The engine, its chain and this client share the machine's cores.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { cpuTimeMs, perOrder } from './support/cpu-time.mjs';

const { values } = parseArgs({
  options: {
    orders: { type: 'string' },
    concurrency: { type: 'string' },
    devnet: { type: 'boolean', default: false },
  },
});
const orders = Number(values.orders ?? (values.devnet ? 2_000 : 20_000));
const concurrency = Number(values.concurrency ?? 256);
const BODY = JSON.stringify({
  type: 'market',
  tokenIn: 'SOL',
  tokenOut: 'USDC',
  amountIn: '0.01',
  slippageBps: 1000,
});
const STATUSES = ['pending', 'routing', 'building', 'submitted', 'confirmed'];

const server = values.devnet ? await startDevnetEngine() : await startMemoryEngine();
const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
try {
  await run(Math.min(500, orders)); // Warm up: compiled code, prepared statements.
  console.log(
    JSON.stringify(
      { benchmark: 'lifecycle', ...(await run(orders)), cpus: cpus().length, node: process.version },
      null,
      2,
    ),
  );
} finally {
  agent.destroy();
  await server.stop();
}

async function run(count) {
  const accepted = [];
  const completed = [];
  let events = 0;
  let next = 0;
  const cpuBefore = { engine: cpuTimeMs(server.pid), client: cpuTimeMs(process.pid) };
  const startedAt = performance.now();
  const lane = async () => {
    while (next < count) {
      next += 1;
      const postedAt = performance.now();
      const { orderId } = await post(server.url);
      accepted.push(performance.now() - postedAt);
      const received = await follow(orderId);
      completed.push(performance.now() - postedAt);
      events += received.length;
      const statuses = received.map(({ type }) => type.slice('order.'.length));
      if (statuses.join() !== STATUSES.join()) throw new Error(`order ${orderId}: ${statuses.join()}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuAfter = { engine: cpuTimeMs(server.pid), client: cpuTimeMs(process.pid) };
  return {
    chain: values.devnet ? 'devnet, 50 ms slots' : 'in process, no delay',
    orders: count,
    concurrency,
    ordersPerSecond: Math.round(count / seconds),
    eventsPerOrder: events / count,
    acceptMs: percentiles(accepted),
    confirmedMs: percentiles(completed),
    cpuMsPerOrder: {
      engine: perOrder(cpuBefore.engine, cpuAfter.engine, count),
      client: perOrder(cpuBefore.client, cpuAfter.client, count),
    },
  };
}

function percentiles(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1));
  return { p50: at(0.5), p99: at(0.99) };
}

function post(url) {
  return new Promise((resolve, reject) => {
    const call = request(
      `${url}/api/orders`,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': BODY.length },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          response.statusCode === 201 ? resolve(JSON.parse(text)) : reject(new Error(text)),
        );
      },
    );
    call.on('error', reject);
    call.end(BODY);
  });
}

function follow(orderId) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/orders/${orderId}/stream`, {
      perMessageDeflate: false,
    });
    const received = [];
    socket.on('message', (data) => received.push(JSON.parse(data)));
    socket.on('error', reject);
    socket.on('close', (code) => (code === 1000 ? resolve(received) : reject(new Error(`closed ${code}`))));
  });
}

async function startMemoryEngine() {
  const script = fileURLToPath(new URL('support/memory-engine.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    url,
    pid: child.pid,
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

async function startDevnetEngine() {
  const dataDir = mkdtempSync(join(tmpdir(), 'oee-bench-'));
  const script = fileURLToPath(new URL('../packages/engine/dist/main/serve.js', import.meta.url));
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    DEVNET_PORT: '0',
    DATA_DIR: dataDir,
    DEVNET_SLOT_MS: '50',
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [script], {
    cwd: dataDir,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error('the engine did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
