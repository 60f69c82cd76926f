// What `growth` asks of a store, and how long each call takes.
import { load } from './built.mjs';
import { percentiles } from './order-client.mjs';

const { migrate } = await load('adapters/postgres/migrate.js');
const { createPostgresOrderStore } = await load('adapters/postgres/order-store.js');
const { createSystemRandom } = await load('adapters/system/random.js');
const { newOrder } = await load('domain/apply-event.js');

// After this time a call is not repeated again.
const LONGEST_MS = 3_000;
const PAGE = 50;
const LEASE_MS = 30_000;
const SWEEP = 1_000;
const STREAM_PAGE = 100;
const REPLAYED_PAGES = 100;
const OPEN = ['pending', 'routing', 'building', 'submitted'];
const random = createSystemRandom();

/** Percentiles in milliseconds by call. The orders that it submits are taken out again. */
export async function measureCalls(pool, repeats) {
  const store = createPostgresOrderStore({ pool });
  const sample = await sampleOf(pool, store);
  const { submitted, single, many } = writes(store, sample);
  const groups = [
    [{ ...reads(store, sample), ...lists(store, sample), ...single }, repeats],
    [many, Math.ceil(repeats / 5)],
  ];
  const results = {};
  for (const [calls, times] of groups)
    for (const [name, call] of Object.entries(calls)) results[name] = await repeat(call, times);
  await takeOut(pool, submitted, sample);
  return results;
}

/** What of a start depends on the database: opening it, its migrations, and what an engine reads first. */
export async function measureStart(open) {
  const from = performance.now();
  const database = await open();
  const openMs = performance.now() - from;
  await migrate(database.pool);
  const store = createPostgresOrderStore({ pool: database.pool });
  await store.voidLeases();
  await store.unfinalizedAttempts(SWEEP);
  await store.newestFinalized(PAGE);
  await store.dueOrders(SWEEP);
  const ms = { open: Math.round(openMs), all: Math.round(performance.now() - from) };
  return { database, ms };
}

async function repeat(call, most) {
  const times = [];
  const giveUpAt = performance.now() + LONGEST_MS;
  while (times.length < most && performance.now() < giveUpAt) {
    const from = performance.now();
    await call();
    times.push(performance.now() - from);
  }
  return { ...percentiles(times), calls: times.length };
}

/** Ids from the whole of the store, and one order with everything that a filter names. */
async function sampleOf(pool, store) {
  const at = async (share) => {
    const { rows } = await pool.query(
      `SELECT order_id FROM orders ORDER BY order_id
       OFFSET (SELECT floor(count(*) * $1::double precision) FROM orders) LIMIT 1`,
      [share],
    );
    return rows[0].order_id;
  };
  const { rows: named } = await pool.query(
    'SELECT order_id FROM orders WHERE client_order_id IS NOT NULL ORDER BY order_id LIMIT 1',
  );
  const { rows: streams } = await pool.query('SELECT account_id, last_position FROM account_streams');
  return {
    order: await store.get(named[0].order_id),
    middle: await at(0.5),
    oldest: await at(0.02),
    accountId: streams[0].account_id,
    lastPosition: Number(streams[0].last_position),
  };
}

function writes(store, { order: { request } }) {
  const submitted = [];
  const unclaimed = [];
  const submit = async () => {
    const orderId = random.uuid();
    const fresh = { ...request, orderId, clientOrderId: null, createdAtMs: Date.now() };
    const { order, events } = newOrder(fresh);
    await store.submit(order, events, { idempotencyKey: random.uuid(), fingerprint: orderId });
    submitted.push(orderId);
    unclaimed.push(orderId);
  };
  const claim = () => store.claim(unclaimed.pop(), LEASE_MS);
  return {
    submitted,
    single: { submit, claim },
    many: {
      'submit, 100 at once': () => Promise.all(Array.from({ length: 100 }, submit)),
      'claim, 100 at once': () => Promise.all(Array.from({ length: 100 }, claim)),
    },
  };
}

async function takeOut(pool, orderIds, { accountId, lastPosition }) {
  const client = await pool.connect();
  await client.query('SET session_replication_role = replica'); // The log's triggers would refuse it.
  for (const table of ['order_events', 'orders'])
    await client.query(`DELETE FROM ${table} WHERE order_id = ANY($1::text[])`, [orderIds]);
  await client.query('UPDATE account_streams SET last_position = $2 WHERE account_id = $1', [
    accountId,
    lastPosition,
  ]);
  await client.query('RESET session_replication_role');
  client.release();
}

function reads(store, { order, middle, accountId, lastPosition }) {
  const page = (after) => () => store.accountEvents(accountId, after, STREAM_PAGE);
  const half = Math.floor(lastPosition / 2);
  return {
    'sweep of due orders': () => store.dueOrders(SWEEP),
    'unfinished orders, first page': () => store.unfinishedOrders(null, SWEEP),
    'unfinalized attempts': () => store.unfinalizedAttempts(SWEEP),
    'newest finalized': () => store.newestFinalized(PAGE),
    'order by id': () => store.get(middle),
    'attempts of an order': () => store.attempts(middle),
    'events of an order': () => store.events(middle, 0, STREAM_PAGE),
    'repeated submission': () => store.known(order, { idempotencyKey: null, fingerprint: '' }),
    'stream, first page': page(0),
    'stream, page in the middle': page(half),
    'stream, last page': page(lastPosition - STREAM_PAGE),
    'stream, replay of 10,000 events': async () => {
      const from = Math.max(0, lastPosition - REPLAYED_PAGES * STREAM_PAGE);
      for (let after = from; after < lastPosition; after += STREAM_PAGE) await page(after)();
    },
  };
}

/** Every filter of `GET /api/orders` on the first page, and at a cursor in the middle and near the end. */
function lists(store, { order: { request }, middle, oldest, accountId }) {
  const filters = {
    'no filter': {},
    'status confirmed': { statuses: ['confirmed'] },
    'statuses of open orders': { statuses: OPEN },
    'status failed': { statuses: ['failed'] },
    tokenIn: { mintIn: request.tokenIn.mint },
    tokenOut: { mintOut: request.tokenOut.mint },
    'tokenIn and tokenOut': { mintIn: request.tokenIn.mint, mintOut: request.tokenOut.mint },
    'tokenIn without orders': { mintIn: 'no such mint' },
    'tokenOut without orders': { mintOut: 'no such mint' },
    clientOrderId: { clientOrderId: request.clientOrderId },
    needsReview: { needsReview: true },
  };
  const cursors = {
    '': {},
    ', cursor in the middle': { before: middle },
    ', cursor near the end': { before: oldest },
  };
  const calls = Object.entries(filters).flatMap(([name, filter]) =>
    Object.entries(cursors).map(([where, cursor]) => [
      `list, ${name}${where}`,
      () => store.list({ accountId, limit: PAGE, ...filter, ...cursor }),
    ]),
  );
  return Object.fromEntries(calls);
}
