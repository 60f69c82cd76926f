// `npm run bench -- lifecycle --scaled`: one API process and one worker over PostgreSQL and Redis on this machine, and in
// the same run the same journey as it is usually written (naive-process.mjs), in turns.
import { cpus } from 'node:os';
import { cpuTimeMs } from './cpu-time.mjs';
import { createPoster, openSocket, percentiles } from './order-client.mjs';
import { startScaledEngine } from './servers.mjs';

const CONNECTIONS = 128;
// Compiled code, prepared statements.
const WARM_UP = 3_000;
const SOCKETS = 2;
const NAIVE_SCHEMA = `CREATE TABLE orders (order_id uuid PRIMARY KEY, status text NOT NULL, token_in text NOT NULL,
  token_out text NOT NULL, amount_in text NOT NULL, updated_at timestamptz NOT NULL DEFAULT now())`;

const ENGINE = {
  name: 'engine',
  script: 'scaled-process.mjs',
  /** Confirmed, and each of its five events in the log. */
  count: `SELECT count(*)::integer AS orders FROM orders WHERE status = 'confirmed'
    AND (SELECT count(*) FROM order_events e WHERE e.order_id = orders.order_id) >= 5`,
  isConfirmed: (frame) => frame.includes('"type":"order.confirmed"'),
};
const NAIVE = {
  name: 'naive',
  script: 'naive-process.mjs',
  prepare: (pool) => pool.query(NAIVE_SCHEMA),
  count: "SELECT count(*)::integer AS orders FROM orders WHERE status IN ('confirmed', 'finalized')",
  isConfirmed: (frame) => frame.includes('"status":"confirmed"'),
};

/** Prints the figures of both and their ratio. */
export async function measureScaled({ orders, inFlight }) {
  const naive = await measure(NAIVE, { orders: Math.ceil(orders / 6), inFlight });
  const engine = await measure(ENGINE, { orders, inFlight });
  const ratio = Number((engine.ordersPerSecond / naive.ordersPerSecond).toFixed(1));
  console.log(
    JSON.stringify(
      { benchmark: 'lifecycle --scaled', engine, naive, ratio, cpus: cpus().length, node: process.version },
      null,
      2,
    ),
  );
}

async function measure(design, { orders, inFlight }) {
  const engine = await startScaledEngine(design.script, design.prepare);
  try {
    const client = await attach(engine.url, { ...design, inFlight });
    const warmUp = Math.min(WARM_UP, orders);
    await client.complete(warmUp);
    const parts = { ...engine.pids, client: process.pid, ...(await backends(engine.pool)) };
    const before = mapValues(parts, cpuMs);
    const result = await client.complete(orders);
    const spent = mapValues(parts, (pid, part) => cpuMs(pid) - before[part]);
    client.close();
    const { rows } = await engine.pool.query(design.count);
    return { ...result, cpuMsPerOrder: perPart(spent, orders), persisted: rows[0].orders - warmUp };
  } finally {
    await engine.stop();
  }
}

/** The server's processes for this database. */
async function backends(pool) {
  const { rows } = await pool.query('SELECT pid FROM pg_stat_activity WHERE datname = current_database()');
  return Object.fromEntries(rows.map(({ pid }) => [`postgres ${pid}`, pid]));
}

/** Of all threads. */
const cpuMs = (pid) => Object.values(cpuTimeMs(pid) ?? {}).reduce((sum, ms) => sum + ms, 0);

/** By the first word of the part's name, and in all. */
function perPart(spent, orders) {
  const sums = { all: 0 };
  for (const [part, ms] of Object.entries(spent)) {
    const [name] = part.split(' ');
    sums[name] = (sums[name] ?? 0) + ms;
    sums.all += ms;
  }
  return mapValues(sums, (ms) => Number((ms / orders).toFixed(3)));
}

const mapValues = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));

/** Sockets that receive every order's events, and posts over many connections. */
async function attach(url, { isConfirmed, inFlight: mostInFlight }) {
  const poster = createPoster(url, CONNECTIONS);
  const confirmed = Array.from({ length: SOCKETS }, () => new Map());
  let frames = 0;
  let waiting = new Map();
  const sockets = await Promise.all(
    confirmed.map((seen, index) =>
      openSocket(url, '/api/stream', (frame) => {
        frames += 1;
        if (!isConfirmed(frame)) return;
        const orderId = /"orderId":"([^"]+)"/.exec(frame)[1];
        seen.set(orderId, performance.now());
        if (index === 0) waiting.get(orderId)?.();
      }),
    ),
  );
  return {
    async complete(count) {
      for (const seen of confirmed) seen.clear();
      waiting = new Map();
      frames = 0;
      const accepted = [];
      const completed = [];
      let started = 0;
      const startedAt = performance.now();
      let inFlight = 0;
      const queueForPlace = [];
      const lane = async () => {
        while (started < count) {
          if (inFlight >= mostInFlight) {
            await new Promise((resolve) => queueForPlace.push(resolve));
            continue;
          }
          started += 1;
          inFlight += 1;
          const postedAt = performance.now();
          const { orderId } = await poster.post();
          accepted.push(performance.now() - postedAt);
          const end = () => {
            completed.push(performance.now() - postedAt);
            inFlight -= 1;
            queueForPlace.shift()?.();
          };
          if (confirmed[0].has(orderId)) end();
          else waiting.set(orderId, end);
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, lane));
      while (confirmed.some((seen) => seen.size < count))
        await new Promise((resolve) => setTimeout(resolve, 5));
      const seconds = (performance.now() - startedAt) / 1_000;
      return {
        orders: count,
        connections: CONNECTIONS,
        inFlight: mostInFlight,
        sockets: SOCKETS,
        ordersPerSecond: Math.round(count / seconds),
        framesPerOrderAndSocket: Number((frames / count / SOCKETS).toFixed(1)),
        acceptMs: percentiles(accepted),
        confirmedMs: percentiles(completed),
      };
    },
    close() {
      for (const socket of sockets) socket.close();
      poster.close();
    },
  };
}
