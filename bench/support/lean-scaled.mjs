// A yardstick: the lean pipeline over PostgreSQL, an API and a worker. The orders table is the queue; Redis carries wake-ups and
// events. It commits five events of each order in groups and pushes them to sockets. It routes, signs and proves nothing, and
// no process continues the orders of a dead worker. Settings: ROLE, DATABASE_URL, REDIS_URL. Prints its URL, or "ready".
import { createStepper, createSubmitter, execute, LEAN_SCHEMA, require, serveLean } from './lean-parts.mjs';
import { untilReleased } from './servers.mjs';

const { Redis } = require('ioredis');
const pg = require('pg');

const { ROLE: role, DATABASE_URL, REDIS_URL } = process.env;
const EVENTS = 'lean:events';
const WAKE = 'lean:wake';
const MOST_EXECUTED_AT_ONCE = 200;
const POLL_MS = 200;
const LANES = 2;
/** $1 how many. Takes pending orders and writes their step to `routing`. */
const CLAIM = `WITH due AS (
  SELECT order_id FROM orders WHERE status = 'pending' ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE orders o SET status = 'routing', sequence = 1, attempts = attempts + 1, updated_at = now()
  FROM due WHERE o.order_id = due.order_id RETURNING o.order_id, o.request
), told AS (
  INSERT INTO order_events (order_id, sequence, status) SELECT order_id, 1, 'routing' FROM claimed
)
SELECT order_id AS "orderId", request FROM claimed`;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
const run = (name, text, values) => pool.query({ name, text, values });
const publisher = new Redis(REDIS_URL, { enableAutoPipelining: true });
const subscriber = new Redis(REDIS_URL);
const publish = (events) => publisher.publish(EVENTS, JSON.stringify(events));

if (role === 'worker') await work();
else await serve();

async function serve() {
  const submit = createSubmitter(run, LANES, (orders) => {
    served.tell(orders.map(({ orderId }) => ({ orderId, sequence: 0, status: 'pending' })));
    return publisher.publish(WAKE, '1');
  });
  const served = await serveLean(submit);
  subscriber.on('message', (_channel, events) => served.tell(JSON.parse(events)));
  await subscriber.subscribe(EVENTS);
  console.log(served.url);
  untilReleased(async () => {
    await served.close();
    await pool.end();
  });
}

async function work() {
  await pool.query(LEAN_SCHEMA);
  await pool.query("CREATE INDEX orders_pending ON orders (created_at) WHERE status = 'pending'");
  const step = createStepper(run, LANES, publish);
  let executing = 0;
  let isWoken = false;
  let wake = () => {};
  subscriber.on('message', () => {
    isWoken = true;
    wake();
  });
  await subscriber.subscribe(WAKE);
  console.log('ready');
  untilReleased(() => pool.end());

  for (;;) {
    isWoken = false;
    const free = MOST_EXECUTED_AT_ONCE - executing;
    const { rows: claimed } = free > 0 ? await run('claim', CLAIM, [free]) : { rows: [] };
    if (claimed.length > 0)
      publish(claimed.map(({ orderId }) => ({ orderId, sequence: 1, status: 'routing' })));
    executing += claimed.length;
    for (const order of claimed) execute(order, step).finally(end);
    if (isWoken) continue;
    if (claimed.length < free || executing >= MOST_EXECUTED_AT_ONCE / 2) await untilWoken();
  }

  function end() {
    executing -= 1;
    if (executing < MOST_EXECUTED_AT_ONCE / 2) wake();
  }

  function untilWoken() {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      wake = () => {
        clearTimeout(timer);
        wake = () => {};
        resolve();
      };
    });
  }
}
