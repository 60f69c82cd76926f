// What both lean pipelines are made of: a web framework that checks each body against a schema, tables, statements for a
// group of changes, and sockets that receive each event.
import { createRequire } from 'node:module';

export const require = createRequire(new URL('../../packages/engine/package.json', import.meta.url));
const { default: websocket } = await import(require.resolve('@fastify/websocket'));
const { fastify } = require('fastify');

export const LEAN_SCHEMA = `
CREATE TABLE orders (order_id uuid PRIMARY KEY, status text NOT NULL, sequence integer NOT NULL DEFAULT 0,
  request jsonb NOT NULL, result jsonb, attempts integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX orders_open ON orders (updated_at) WHERE status NOT IN ('confirmed', 'failed');
CREATE TABLE order_events (order_id uuid NOT NULL, sequence integer NOT NULL, status text NOT NULL, data jsonb,
  occurred_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (order_id, sequence))`;

/** $1 order ids, $2 requests. */
const SUBMIT = `WITH c AS (SELECT * FROM unnest($1::uuid[], $2::jsonb[]) AS c (order_id, request)), created AS (
  INSERT INTO orders (order_id, status, request) SELECT order_id, 'pending', request FROM c
)
INSERT INTO order_events (order_id, sequence, status, data) SELECT order_id, 0, 'pending', request FROM c`;

/** $1 order ids, $2 sequences, $3 statuses, $4 data of events, null for none. An order may have several changes in a group. */
const STEP = `WITH c AS (
  SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::jsonb[]) AS c (order_id, sequence, status, data)
), newest AS (
  SELECT DISTINCT ON (order_id) order_id, sequence, status FROM c ORDER BY order_id, sequence DESC
), changed AS (
  UPDATE orders o SET status = n.status, sequence = n.sequence, updated_at = now()
  FROM newest n WHERE o.order_id = n.order_id AND o.sequence < n.sequence
)
INSERT INTO order_events (order_id, sequence, status, data) SELECT order_id, sequence, status, data FROM c
ON CONFLICT DO NOTHING`;

const BODY = {
  type: 'object',
  required: ['tokenIn', 'tokenOut', 'amountIn'],
  additionalProperties: false,
  properties: {
    tokenIn: { type: 'string', minLength: 1, maxLength: 64 },
    tokenOut: { type: 'string', minLength: 1, maxLength: 64 },
    amountIn: { type: 'string', pattern: '^\\d+(\\.\\d+)?$' },
    slippageBps: { type: 'integer', minimum: 0, maximum: 10_000, default: 50 },
    wallet: { type: 'string', maxLength: 64 },
  },
};
const MOST_SUBMITTED_AT_ONCE = 500;
const MOST_STEPS_AT_ONCE = 1_000;

/** Commits submissions in groups. `run` executes `(name, statement, values)`; `then` gets each group after its commit. */
export function createSubmitter(run, lanes, then) {
  return inGroups(MOST_SUBMITTED_AT_ONCE, lanes, async (orders) => {
    const requests = orders.map(({ request }) => JSON.stringify(request));
    await run('submit', SUBMIT, [orders.map(({ orderId }) => orderId), requests]);
    await then(orders);
  });
}

/** Commits steps in groups. */
export function createStepper(run, lanes, then) {
  return inGroups(MOST_STEPS_AT_ONCE, lanes, async (events) => {
    const data = events.map((event) => (event.data ? JSON.stringify(event.data) : null));
    const columns = ['orderId', 'sequence', 'status'].map((name) => events.map((event) => event[name]));
    await run('step', STEP, [...columns, data]);
    await then(events);
  });
}

/** The steps of an order after `routing`: the better of two invented quotes, and an invented transaction. */
export async function execute({ orderId, request }, step) {
  const quote = async (venue, rate) => ({ venue, amountOut: Number(request.amountIn) * rate });
  const [raydium, meteora] = await Promise.all([quote('raydium', 0.9975), quote('meteora', 0.997)]);
  const best = raydium.amountOut >= meteora.amountOut ? raydium : meteora;
  await step({ orderId, sequence: 2, status: 'building', data: { venue: best.venue } });
  await step({ orderId, sequence: 3, status: 'submitted' });
  const data = { price: String(best.amountOut), transaction: crypto.randomUUID() };
  await step({ orderId, sequence: 4, status: 'confirmed', data });
}

/** `submit` resolves once an order is stored. Gives the URL, and `tell`, which sends events to all sockets. */
export async function serveLean(submit) {
  const app = fastify();
  const sockets = new Set();
  await app.register(websocket, { options: { perMessageDeflate: false } });
  app.get('/api/stream', { websocket: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  app.post('/api/orders', { schema: { body: BODY } }, async ({ body: request }, reply) => {
    const orderId = crypto.randomUUID();
    await submit({ orderId, request });
    reply.code(201);
    return { orderId, status: 'pending' };
  });
  return {
    url: await app.listen({ host: '127.0.0.1', port: 0 }),
    tell(events) {
      for (const socket of sockets) {
        socket._socket.cork();
        for (const event of events) socket.send(JSON.stringify(event));
        socket._socket.uncork();
      }
    },
    close: () => app.close(),
  };
}

/** What is added during a commit shares the next one. Resolves once its group is committed. */
function inGroups(most, lanes, commit) {
  let waiting = [];
  let underWay = 0;
  async function commitNext() {
    if (underWay >= lanes || waiting.length === 0) return;
    underWay += 1;
    const group = waiting.slice(0, most);
    waiting = waiting.slice(most);
    try {
      await commit(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      underWay -= 1;
      commitNext();
    }
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (underWay < lanes && waiting.length === 1) setImmediate(commitNext);
    });
}
