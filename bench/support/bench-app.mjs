// The HTTP and WebSocket interface of a benchmark's engine, with the settings' defaults and without limits of connections.
import { load } from './built.mjs';

const { createApp } = await load('api/app.js');
const { readConfig } = await load('config/config.js');
const { countWaitingOrders } = await load('adapters/postgres/waiting-orders.js');

const config = readConfig({});

/** Listens on a free port of this machine. `database` is the pool of the engine's store, `name` its product. */
export async function serveBenchApp(engine, { database, name }) {
  const app = await createApp(engine, {
    host: '127.0.0.1',
    origins: [],
    streamHoldMs: config.STREAM_HOLD_MS,
    stopNoticeMs: 0,
    backlog: {
      maxBacklog: config.MAX_BACKLOG_ORDERS,
      countWaiting: (most) => countWaitingOrders(database, most),
    },
    connections: { total: 100_000, perAddress: 100_000, trustedProxies: [] },
    deadlines: {
      requestMs: config.REQUEST_TIMEOUT_MS,
      pingMs: config.STREAM_PING_MS,
      stallMs: config.STREAM_STALL_MS,
      closeMs: 5_000,
      eventsMs: config.EVENT_STREAM_MAX_MS,
    },
    readiness: [],
    about: { version: 'bench', chain: 'memory', database: name },
  });
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}
