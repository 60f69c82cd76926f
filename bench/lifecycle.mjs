// How many orders per second go from POST to `confirmed`, persisted, with every event received on a WebSocket.
//   npm run bench -- lifecycle [--orders 20000] [--concurrency 512] [--per-order] [--devnet | --scaled]
// With --scaled 128 are in flight unless told otherwise: support/scaled-lifecycle.mjs.
// The events come on one socket, the account's stream; with --per-order on a socket for each order.
// Without --devnet the chain decides at once (in process); with it the real devnet runs at 50 ms slots.
// The engine, its chain and this client share the machine's cores.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { cpuTimeMs, perOrder } from './support/cpu-time.mjs';
import { createPoster, openSocket, percentiles } from './support/order-client.mjs';
import { measureScaled } from './support/scaled-lifecycle.mjs';
import { NODE_OPTIONS, startMemoryEngine } from './support/servers.mjs';

const { values } = parseArgs({
  options: {
    orders: { type: 'string' },
    concurrency: { type: 'string' },
    'per-order': { type: 'boolean', default: false },
    devnet: { type: 'boolean', default: false },
    scaled: { type: 'boolean', default: false },
  },
});
if (values.scaled) {
  await measureScaled({
    orders: Number(values.orders ?? 12_000),
    inFlight: Number(values.concurrency ?? 128),
  });
  process.exit(0);
}
const orders = Number(values.orders ?? (values.devnet ? 2_000 : 20_000));
const concurrency = Number(values.concurrency ?? 512);
// Compiled code, prepared statements.
const WARM_UP = 3_000;
const STATUSES = ['pending', 'routing', 'building', 'submitted', 'confirmed'];
const TERMINAL = ['order.confirmed', 'order.failed', 'order.canceled', 'order.expired'];

const server = values.devnet ? await startDevnetEngine() : await startMemoryEngine();
const poster = createPoster(server.url, concurrency);
const stream = values['per-order'] ? { follow } : await openAccountStream();
try {
  await run(Math.min(WARM_UP, orders));
  console.log(
    JSON.stringify(
      { benchmark: 'lifecycle', ...(await run(orders)), cpus: cpus().length, node: process.version },
      null,
      2,
    ),
  );
} finally {
  poster.close();
  stream.close?.();
  await server.stop();
}

async function run(count) {
  const accepted = [];
  const completed = [];
  let events = 0;
  let repeated = 0;
  let next = 0;
  const cpuBefore = { engine: cpuTimeMs(server.pids.engine), client: cpuTimeMs(process.pid) };
  const startedAt = performance.now();
  const work = async () => {
    while (next < count) {
      next += 1;
      const postedAt = performance.now();
      const { orderId } = await poster.post();
      accepted.push(performance.now() - postedAt);
      const received = await stream.follow(orderId);
      completed.push(performance.now() - postedAt);
      events += received.length;
      const statuses = received.map(({ type }) => type.slice('order.'.length));
      // The devnet's market moves, so that a try may have to be repeated.
      if (!isLifecycle(statuses)) throw new Error(`order ${orderId}: ${statuses.join()}`);
      repeated += statuses.length > STATUSES.length ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuAfter = { engine: cpuTimeMs(server.pids.engine), client: cpuTimeMs(process.pid) };
  return {
    chain: values.devnet ? 'devnet, 50 ms slots' : 'in process, no delay',
    stream: values['per-order'] ? 'a socket per order' : 'one socket',
    orders: count,
    concurrency,
    ordersPerSecond: Math.round(count / seconds),
    eventsPerOrder: events / count,
    ordersOfSeveralTries: repeated,
    acceptMs: percentiles(accepted),
    confirmedMs: percentiles(completed),
    cpuMsPerOrder: {
      engine: perOrder(cpuBefore.engine, cpuAfter.engine, count),
      client: perOrder(cpuBefore.client, cpuAfter.client, count),
    },
  };
}

function isLifecycle(statuses) {
  return [...new Set(statuses)].join() === STATUSES.join() && statuses.at(-1) === 'confirmed';
}

/** The account's stream; resolves for an order when its terminal event has come. */
async function openAccountStream() {
  const orders = new Map();
  const entry = (orderId) => {
    const known = orders.get(orderId) ?? { received: [], resolve: undefined };
    orders.set(orderId, known);
    return known;
  };
  const isOver = ({ received }) => TERMINAL.includes(received.at(-1)?.type);
  let position = 0;
  const take = (event) => {
    if (position > 0 && event.position !== position + 1) throw new Error(`gap after position ${position}`);
    position = event.position;
    if (event.type === 'order.finalized' || event.type === 'stream.opened') return;
    const order = entry(event.orderId);
    order.received.push(event);
    if (isOver(order)) order.resolve?.(order.received);
  };
  const socket = await openSocket(server.url, '/api/stream', (frame) => take(JSON.parse(frame)));
  return {
    async follow(orderId) {
      const order = entry(orderId);
      if (!isOver(order))
        await new Promise((resolve) => {
          order.resolve = resolve;
        });
      orders.delete(orderId);
      return order.received;
    },
    close: () => socket.terminate(),
  };
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
  const child = spawn(process.execPath, [...NODE_OPTIONS, script], {
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
    pids: { engine: child.pid },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
