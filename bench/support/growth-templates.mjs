// Orders that the engine itself made on a devnet, as the rows of its database: what `growth` multiplies.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from './built.mjs';
import { startDevnet, startEngineOn } from './devnet-servers.mjs';
import { openSocket } from './order-client.mjs';

const { openPglite } = await load('adapters/postgres/pglite/pglite.js');

/** How many finished ones are made, and how many of which half are in flight when the engine is killed. */
export const TEMPLATES = { finished: 100, open: 20 };
const TABLES = ['orders', 'order_events', 'attempts', 'transactions', 'idempotency_keys', 'client_order_ids'];
const AT_ONCE = 10;
const SLOT_MS = 100;
const PAIRS = [
  { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '0.01' },
  { tokenIn: 'USDC', tokenOut: 'SOL', amountIn: '2' },
  { tokenIn: 'SOL', tokenOut: 'JUP', amountIn: '0.02' },
];
const LONGEST_MS = 120_000;

/**
 * @returns By table: `columns` with name and type, and `rows` with each value as PostgreSQL's text and `isOpen`. Finished
 *   orders are confirmed and final, or failed; open ones are as they were when the process died.
 */
export async function makeTemplates() {
  const devnet = await startDevnet({ slotMs: SLOT_MS });
  try {
    const engine = await startEngineOn(devnet.url, { slotMs: SLOT_MS });
    const over = new Set();
    const sent = new Set();
    const socket = await openSocket(engine.url, '/api/stream', (frame) => {
      const { type, orderId } = JSON.parse(frame);
      if (['order.finalized', 'order.failed', 'order.expired'].includes(type)) over.add(orderId);
      if (type === 'order.submitted') sent.add(orderId);
    });
    await postMany(engine.url, TEMPLATES.finished);
    await until(() => over.size >= TEMPLATES.finished);
    sent.clear();
    await postMany(engine.url, TEMPLATES.open);
    await until(() => sent.size >= TEMPLATES.open / 2);
    socket.terminate();
    return await engine.killAndRead((dataDir) => readRows(join(dataDir, 'database'), over));
  } finally {
    await devnet.stop();
  }
}

async function until(isSo) {
  const giveUpAt = performance.now() + LONGEST_MS;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error('the orders to multiply do not go on');
    await sleep(5);
  }
}

async function postMany(url, count) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      next += 1;
      const order = { type: 'market', slippageBps: 1_000, ...PAIRS[next % PAIRS.length] };
      const body = JSON.stringify({ ...order, ...(next % 4 === 0 && { clientOrderId: randomUUID() }) });
      const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
      const response = await fetch(`${url}/api/orders`, { method: 'POST', headers, body });
      if (response.status !== 201) throw new Error(await response.text());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function readRows(directory, over) {
  const { pool, close } = await openPglite(directory);
  try {
    const tables = await Promise.all(
      TABLES.map(async (table) => [table, await readTable(pool, table, over)]),
    );
    return Object.fromEntries(tables);
  } finally {
    await close();
  }
}

async function readTable(pool, table, over) {
  const { rows: columns } = await pool.query(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [table],
  );
  const list = columns.map(({ name }) => `${name}::text AS ${name}`).join(', ');
  const order = table === 'order_events' ? 'position' : 'order_id';
  const { rows } = await pool.query(`SELECT ${list} FROM ${table} ORDER BY ${table}.${order}`);
  const marked = rows.map((row) => ({ ...row, isOpen: !over.has(row.order_id) }));
  // What was signed for an order that is over leaves within half an hour.
  return { columns, rows: table === 'transactions' ? marked.filter(({ isOpen }) => isOpen) : marked };
}
