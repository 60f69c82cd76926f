// The client of `lifecycle`: orders from POST to `confirmed`, each followed on a socket.
import { WebSocket } from 'ws';
import { cpuOf, perOrder } from './cpu-time.mjs';
import { createPoster, openSocket, percentiles } from './order-client.mjs';
import { pidsOf } from './servers.mjs';

// Orders before the measurement, for compiled code and prepared statements.
export const MOST_WARM_UP = 3_000;
const STATUSES = ['pending', 'routing', 'building', 'submitted', 'confirmed'];
const TERMINAL = ['order.confirmed', 'order.failed', 'order.canceled', 'order.expired'];

/**
 * Figures of the orders that follow a warm-up.
 *
 * @param server `url` and the `pids` by name of what is measured.
 * @param options.perOrder A socket for each order, not one for all.
 */
export async function measureLifecycles(server, { orders, concurrency, perOrder: isPerOrder = false }) {
  const poster = createPoster(server.url, concurrency);
  const stream = isPerOrder
    ? { follow: (id) => followOne(server.url, id) }
    : await openAccountStream(server.url);
  try {
    await run(Math.min(MOST_WARM_UP, orders));
    return { ...(await run(orders)), stream: isPerOrder ? 'a socket per order' : 'one socket' };
  } finally {
    poster.close();
    stream.close?.();
  }

  async function run(count) {
    const accepted = [];
    const completed = [];
    let events = 0;
    let repeated = 0;
    let next = 0;
    const pids = { ...(await pidsOf(server)), client: process.pid };
    const cpuBefore = cpuOf(pids);
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
        if (!isLifecycle(statuses)) throw new Error(`order ${orderId}: ${statuses.join()}`);
        repeated += statuses.length > STATUSES.length ? 1 : 0;
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work));
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      orders: count,
      concurrency,
      ordersPerSecond: Math.round(count / seconds),
      eventsPerOrder: events / count,
      ordersOfSeveralTries: repeated,
      acceptMs: percentiles(accepted),
      confirmedMs: percentiles(completed),
      cpuMsPerOrder: perOrder(cpuBefore, cpuOf(pids), count),
    };
  }
}

/** The devnet's market moves and a busy machine is slow, so an order may need another try, or wait. */
function isLifecycle(statuses) {
  const passed = new Set(statuses.filter((status) => status !== 'waiting'));
  return [...passed].join() === STATUSES.join() && statuses.at(-1) === 'confirmed';
}

/** The account's stream; resolves for an order at its terminal event. */
async function openAccountStream(url) {
  const orders = new Map();
  const entry = (orderId) => {
    const known = orders.get(orderId) ?? { received: [], resolve: undefined };
    orders.set(orderId, known);
    return known;
  };
  const isOver = ({ received }) => TERMINAL.includes(received.at(-1)?.type);
  let position = 0;
  const take = (event) => {
    if (event.type === 'order.finalized' || event.type === 'stream.opened') return;
    const order = entry(event.orderId);
    order.received.push(event);
    if (isOver(order)) order.resolve?.(order.received);
  };
  const check = (event) => {
    if (position > 0 && event.position !== position + 1) throw new Error(`gap after position ${position}`);
    position = event.position;
  };
  const socket = await openSocket(url, '/api/stream', (frame) => {
    const event = JSON.parse(frame);
    if (event.status && !event.type) return take({ ...event, type: `order.${event.status}` }); // The usual design numbers no event.
    check(event);
    take(event);
  });
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

function followOne(url, orderId) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/${orderId}/stream`, {
      perMessageDeflate: false,
    });
    const received = [];
    socket.on('message', (data) => received.push(JSON.parse(data)));
    socket.on('error', reject);
    socket.on('close', (code) => (code === 1000 ? resolve(received) : reject(new Error(`closed ${code}`))));
  });
}
