// The book of resting orders: memory per order, time of an update that fires none, and of one that fires 10,000.
//   npm run bench -- triggers [orders]
// A million orders over 200 pairs by default: limits, stops, take profits and trailing stops, half of them with an expiry. Each slot
// moves the price of every pair a little, often to a new high. Nothing fires until one pair's price jumps.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { load } from './support/built.mjs';

const { parsePrice } = await load('domain/price.js');
const { TriggerBook } = await load('domain/trigger-book.js');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const ORDERS = Number(process.argv[2] ?? 1_000_000);
const PAIRS = 200;
const FIRING = Math.min(10_000, ORDERS);
const SLOTS = 500;
const SLOT_MS = 400;
const BEGIN_MS = 1_800_000_000_000;
const CROWDED = 'pair 0';
const tokens = { tokenIn: { decimals: 9 }, tokenOut: { decimals: 6 } };
const KINDS = ['limit', 'limit', 'stop', 'takeProfit', 'trailingStop'];

let drawn = 1;
const before = await memory();
const book = new TriggerBook();
let slot = 0;
const fillCpuFrom = process.cpuUsage();
const fillFrom = performance.now();
for (let number = 0; number < ORDERS - FIRING; number += 1) {
  // Trailing orders come while prices move, so that they have many watermarks.
  if (number % Math.ceil(ORDERS / 100) === 0) moveAll();
  book.add(order(number, `pair ${number % PAIRS}`, conditionOf(KINDS[number % KINDS.length])));
}
for (let number = ORDERS - FIRING; number < ORDERS; number += 1) {
  book.add(order(number, CROWDED, { when: 'atOrAbove', source: 'last', slots: 1, price: price(200, 210) }));
}
const fillMs = performance.now() - fillFrom;
const fillCpu = process.cpuUsage(fillCpuFrom);
const bytesPerOrder = ((await memory()) - before) / ORDERS;

const times = [];
let given = 0;
const cpuFrom = process.cpuUsage();
for (let count = 0; count < SLOTS; count += 1) given += moveAll(times);
const cpu = process.cpuUsage(cpuFrom);
if (given > 0) throw new Error(`${given} orders fired`);
times.sort((one, other) => one - other);

const jumpCpuFrom = process.cpuUsage();
const jumpFrom = performance.now();
const fired = book.update(CROWDED, pricesOf(210));
const fireMs = performance.now() - jumpFrom;
const fireCpu = process.cpuUsage(jumpCpuFrom);
if (fired.length < FIRING) throw new Error(`only ${fired.length} orders fired`);
const removeFrom = performance.now();
for (const orderId of fired) book.remove(orderId);
const removeMs = performance.now() - removeFrom;

const round = (value, digits = 1) => Number(value.toFixed(digits));
console.log(
  JSON.stringify(
    {
      benchmark: 'triggers',
      orders: ORDERS,
      pairs: PAIRS,
      bytesPerOrder: Math.round(bytesPerOrder),
      addMicroseconds: round((fillMs * 1_000) / ORDERS),
      addMicrosecondsOfProcessor: round((fillCpu.user + fillCpu.system) / ORDERS),
      updateThatFiresNoneMicroseconds: {
        updates: times.length,
        p50: round(times[Math.floor(times.length * 0.5)] * 1_000),
        p99: round(times[Math.floor(times.length * 0.99)] * 1_000),
        max: round(times.at(-1) * 1_000),
        meanOfProcessor: round((cpu.user + cpu.system) / times.length),
      },
      updateThatFires: {
        orders: fired.length,
        ms: round(fireMs),
        cpuMs: round((fireCpu.user + fireCpu.system) / 1_000),
        removeMs: round(removeMs),
      },
      node: process.version,
    },
    null,
    2,
  ),
);

/** The prices of every pair at the next slot, up to 1 % from 150: no order is that near. Returns how many fire. */
function moveAll(times) {
  slot += 1;
  let given = 0;
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const prices = pricesOf(150 + draw() * 1.5);
    const from = performance.now();
    given += book.update(`pair ${pair}`, prices).length;
    times?.push(performance.now() - from);
  }
  return given;
}

function pricesOf(value) {
  const at = read(value);
  return { slot: BigInt(slot), atMs: BEGIN_MS + slot * SLOT_MS, last: at, mid: at, twap: at };
}

function order(number, pair, condition) {
  const time = (BEGIN_MS + number).toString(16).padStart(12, '0');
  const tail = Math.floor(draw() * 2 ** 48)
    .toString(16)
    .padStart(12, '0');
  return {
    orderId: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`,
    ...{ pair, condition, startAtMs: null },
    expiresAtMs: number % 2 ? BEGIN_MS + 86_400_000 + number : null,
  };
}

function conditionOf(kind) {
  const slots = 1 + (Math.floor(draw() * 4) === 0);
  const source = ['last', 'mid', 'twap'][Math.floor(draw() * 3)];
  if (kind === 'limit') return { when: 'atOrAbove', source: 'last', slots: 1, price: price(155, 200) };
  if (kind === 'takeProfit') return { when: 'atOrAbove', source, slots, price: price(155, 200) };
  if (kind === 'stop') return { when: 'atOrBelow', source, slots, price: price(100, 145) };
  const trailingBps = 200 + Math.floor(draw() * 2_000);
  return { when: 'trailing', source, slots, trailingBps, sinceMs: BEGIN_MS + slot * SLOT_MS };
}

/** A price between two, on a grid of cents. */
function price(low, high) {
  return read(low + draw() * (high - low));
}

function read(value) {
  return parsePrice(value.toFixed(2), { ...tokens, priceIn: 'tokenOut' }).price;
}

/** The same numbers in every run. */
function draw() {
  drawn = (drawn * 48_271) % 2_147_483_647;
  return drawn / 2_147_483_647;
}

async function memory() {
  // The memory of typed arrays is released after the collection that finds them.
  for (let times = 0; times < 3; times += 1) {
    collectGarbage();
    await sleep(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
