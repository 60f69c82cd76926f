// `npm run bench -- lifecycle --scaled`: one API process and one worker over PostgreSQL and Redis on this machine. In
// turns with them run the lean pipeline over PostgreSQL (lean-scaled.mjs) and the usual design (naive-process.mjs).
import { cpuOf, perOrder } from './cpu-time.mjs';
import { inTurns, printCompared } from './in-turns.mjs';
import { createPoster, openSocket, percentiles } from './order-client.mjs';
import { pidsOf, startLeanPostgres, startScaledEngine, startUsualDesign } from './servers.mjs';

const CONNECTIONS = 128;
// Orders before the measurement, for compiled code and prepared statements.
const WARM_UP = 3_000;
const SOCKETS = 2;

const ENGINE = {
  start: () => startScaledEngine(),
  /** Confirmed, and each of its five events in the log. */
  count: `SELECT count(*)::integer AS orders FROM orders WHERE status = 'confirmed'
    AND (SELECT count(*) FROM order_events e WHERE e.order_id = orders.order_id) >= 5`,
  isConfirmed: (frame) => frame.includes('"type":"order.confirmed"'),
};
const USUAL_DESIGN = {
  start: startUsualDesign,
  count: "SELECT count(*)::integer AS orders FROM orders WHERE status IN ('confirmed', 'finalized')",
  isConfirmed: (frame) => frame.includes('"status":"confirmed"'),
};
const LEAN_POSTGRES = { ...ENGINE, start: startLeanPostgres, isConfirmed: USUAL_DESIGN.isConfirmed };

/** Prints the figures of all three and their ratios. */
export async function measureScaled({ orders, inFlight, runs, isAlone }) {
  const engine = () => measure(ENGINE, { orders, inFlight });
  const yardsticks = {
    usualDesign: () => measure(USUAL_DESIGN, { orders: Math.ceil(orders / 6), inFlight }),
    leanPostgres: () => measure(LEAN_POSTGRES, { orders, inFlight }),
  };
  printCompared('lifecycle --scaled', await inTurns(runs, { ...(!isAlone && yardsticks), engine }));
}

async function measure(design, { orders, inFlight }) {
  const server = await design.start();
  try {
    const client = await attach(server.url, { ...design, inFlight });
    const warmUp = Math.min(WARM_UP, orders);
    await client.complete(warmUp);
    const pids = { ...(await pidsOf(server)), client: process.pid };
    const before = cpuOf(pids);
    const result = await client.complete(orders);
    const cpuMsPerOrder = perOrder(before, cpuOf(pids), orders);
    client.close();
    const { rows } = await server.pool.query(design.count);
    return { ...result, cpuMsPerOrder, persisted: rows[0].orders - warmUp };
  } finally {
    await server.stop();
  }
}

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
