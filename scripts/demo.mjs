// Five orders at once, followed live: `npm run demo`. It starts a temporary engine.
// `npm run demo -- --url http://127.0.0.1:3000` uses a running one, with API_KEY if that engine requires a key.
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import { startEngine } from './demo/engine.mjs';
import { createScreen } from './demo/screen.mjs';

const ORDERS = [
  { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' },
  { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '12.5' },
  { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '100' },
  { tokenIn: 'USDC', tokenOut: 'SOL', amountIn: '2500' },
  { tokenIn: 'SOL', tokenOut: 'USDC', swapMode: 'exactOut', amountOut: '1000' },
];
const GIVE_UP_AFTER_MS = 120_000;

const values = readOptions();
const engine = values.url ? undefined : await startEngine();
const url = (values.url ?? engine.url).replace(/\/$/, '');
const headers = process.env.API_KEY ? { authorization: `Bearer ${process.env.API_KEY}` } : {};

try {
  process.exitCode = (await demonstrate()) ? 0 : 1;
} catch (error) {
  console.error(`The demo ended: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
} finally {
  await engine?.stop();
}

function readOptions() {
  try {
    return parseArgs({ options: { url: { type: 'string' } } }).values;
  } catch (error) {
    console.error(`${error.message} Usage: npm run demo -- [--url http://127.0.0.1:3000]`);
    process.exit(2);
  }
}

/** Submits all orders at the same moment and follows each on a separate socket. True if all are confirmed. */
async function demonstrate() {
  const screen = createScreen(ORDERS);
  const giveUp = AbortSignal.timeout(GIVE_UP_AFTER_MS);
  const ends = ORDERS.map(async (body, index) => {
    const orderId = await submit({ type: 'market', ...body }, giveUp);
    await follow(orderId, giveUp, (event) => screen.show(index, event));
    return read(orderId, giveUp);
  });
  const orders = await Promise.all(ends).finally(() => screen.end());
  screen.summarize(orders);
  return orders.every(({ status }) => status === 'confirmed');
}

async function submit(body, signal) {
  const response = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.code}: ${answer.detail} ${answer.hint}`);
  return answer.orderId;
}

/** Passes on the order's events until the engine closes the socket after the last one. */
function follow(orderId, signal, onEvent) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/orders/${orderId}/stream`, { headers });
    signal.addEventListener('abort', () => socket.terminate(), { once: true });
    socket.on('message', (frame) => onEvent(JSON.parse(frame)));
    socket.on('error', reject);
    socket.on('close', (code) =>
      code === 1000 ? resolve() : reject(new Error(`the stream of ${orderId} closed with ${code}`)),
    );
  });
}

async function read(orderId, signal) {
  const response = await fetch(`${url}/api/orders/${orderId}`, { headers, signal });
  return response.json();
}
