// A yardstick: sends the swaps of the benchmark's orders to a devnet and waits until they are confirmed, with no store, stream
// or proof around it. Kept connections; one list of statuses per slot. Settings: DEVNET_URL, DEVNET_PID, SLOT_MS, ORDERS,
// IN_FLIGHT, WARM_UP; with GAP_MS one order at a time, so long after the one before. Prints its figures as one line of JSON.
import { setTimeout as sleep } from 'node:timers/promises';
import { openBareSwaps } from './bare-swaps.mjs';
import { cpuOf, perOrder } from './cpu-time.mjs';
import { openLanes } from './http-lane.mjs';
import { epochMs, percentiles } from './order-client.mjs';
import { untilReleased } from './servers.mjs';

const { DEVNET_URL: url, DEVNET_PID, GAP_MS } = process.env;
const [orders, inFlight, warmUp, slotMs] = ['ORDERS', 'IN_FLIGHT', 'WARM_UP', 'SLOT_MS'].map((name) =>
  Number(process.env[name]),
);
const ORDER = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: 10_000_000n, slippageBps: 1_000 };
const STATUSES_AT_ONCE = 256;
const SEND_AGAIN_MS = 2_000;
const GIVE_UP_MS = 60_000;

const swaps = await openBareSwaps({ url, slotMs, order: ORDER });
const lanes = openLanes(url, '/', 32);
/** Sent and not yet confirmed, by signature. */
const open = new Map();
let lastId = 0;
let isPolling = false;
let repeated = 0;

swaps.onSlot(async () => {
  if (isPolling || open.size === 0) return;
  isPolling = true;
  const signatures = [...open.keys()];
  const lists = [];
  while (signatures.length > 0) lists.push(signatures.splice(0, STATUSES_AT_ONCE));
  await Promise.all(lists.map(pollStatuses)).catch(() => {}); // The next slot asks again.
  for (const swap of open.values()) if (performance.now() - swap.sentAt > SEND_AGAIN_MS) send(swap);
  isPolling = false;
});

await run(warmUp);
console.log(JSON.stringify(await (GAP_MS ? runIdle(Number(GAP_MS)) : run(orders))));
untilReleased(async () => lanes.close());

async function run(count) {
  const pids = { sender: process.pid, devnet: DEVNET_PID };
  const cpuBefore = cpuOf(pids);
  const confirmed = [];
  let next = 0;
  repeated = 0;
  const startedAt = performance.now();
  const work = async () => {
    while (next < count) {
      next += 1;
      const decidedAt = performance.now();
      await swapOnce();
      confirmed.push(performance.now() - decidedAt);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    orders: count,
    concurrency: inFlight,
    ordersPerSecond: Math.round(count / seconds),
    ordersOfSeveralTries: repeated,
    confirmedMs: percentiles(confirmed),
    cpuMsPerOrder: perOrder(cpuBefore, cpuOf(pids), count),
  };
}

/** When each order was decided, by the signature of its swap. Milliseconds since 1970. */
async function runIdle(gapMs) {
  const decidedAtMs = {};
  for (let done = 0; done < orders; done += 1) {
    await sleep(gapMs + Math.random() * slotMs);
    const decidedAt = epochMs();
    decidedAtMs[await swapOnce()] = decidedAt;
  }
  return { decidedAtMs };
}

/** Resolves with the signature of the swap that was confirmed; one that failed is followed by another. */
async function swapOnce() {
  for (;;) {
    const swap = await swaps.next();
    const hasLanded = new Promise((resolve) => open.set(swap.signature, { ...swap, resolve }));
    send(open.get(swap.signature));
    if (await hasLanded) return swap.signature;
    repeated += 1;
  }
}

function send(swap) {
  swap.sentAt = performance.now();
  swap.firstSentAt ??= swap.sentAt;
  if (swap.sentAt - swap.firstSentAt > GIVE_UP_MS) throw new Error(`${swap.signature} does not land`);
  const options = { encoding: 'base64', skipPreflight: true, maxRetries: 0 };
  ask('sendTransaction', [swap.wire, options]).catch(() => {}); // The loop sends a refused transaction again.
}

async function pollStatuses(signatures) {
  const { value } = await ask('getSignatureStatuses', [signatures, { searchTransactionHistory: false }]);
  for (const [index, status] of value.entries()) {
    if (!status || status.confirmationStatus === 'processed') continue;
    const signature = signatures[index];
    open.get(signature).resolve(status.err === null);
    open.delete(signature);
  }
}

async function ask(method, params) {
  lastId += 1;
  const { text } = await lanes.post(JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params }));
  const { result, error } = JSON.parse(text);
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}
