import { countWaitingOrders } from '../adapters/postgres/waiting-orders.ts';
import { type AppOptions, createApp } from '../api/app.ts';
import { acceptInBatches } from '../api/plugins/accept-in-batches.ts';
import { type Config, isLoopback } from '../config/config.ts';
import type { Engine } from '../execution/engine.ts';
import type { Logger } from '../ports/logger.ts';
import type { Cleanups } from './cleanups.ts';
import type { OpenDatabase } from './open-database.ts';
import { boundByOpenFiles } from './open-file-limit.ts';
import type { Transport } from './open-transport.ts';
import { queueBoard } from './queue-board.ts';
import { readinessChecks } from './readiness-checks.ts';
import { engineVersion } from './version.ts';

/** Requested size of the kernel's queue of unaccepted connections; the system may limit it further. */
const LISTEN_BACKLOG = 4_096;
/** `/readyz` fails this long before a process that stops takes no more connections. */
const STOP_NOTICE_MS = 500;
const STREAM_OVER_MS = 3_600_000;
const STREAM_CLOSE_MS = 5_000;

interface Served {
  readonly config: Config;
  readonly database: OpenDatabase;
  readonly transport: Transport;
}

/** Serves the API of the engine at the configured address. Returns the URL. */
export async function listen(
  engine: Engine,
  { cleanups, log, ...served }: Served & { readonly cleanups: Cleanups; readonly log: Logger },
): Promise<string> {
  const { config } = served;
  const app = await createApp(engine, appOptions(engine, served));
  cleanups.add(() => app.close());
  acceptInBatches(app, { backlog: LISTEN_BACKLOG, log });
  return app.listen({ host: config.HOST, port: config.PORT, backlog: LISTEN_BACKLOG });
}

function appOptions(engine: Engine, { config, database, transport }: Served): AppOptions {
  const showsQueue = config.API_KEY !== null || (database.embedded && isLoopback(config.HOST));
  return {
    pages: transport.jobs && showsQueue ? [queueBoard(transport.jobs)] : [],
    host: config.HOST,
    ...(config.API_KEY !== null && { apiKey: config.API_KEY }),
    origins: config.CORS_ORIGIN,
    streamHoldMs: config.STREAM_HOLD_MS,
    stopNoticeMs: STOP_NOTICE_MS,
    backlog: {
      maxBacklog: config.MAX_BACKLOG_ORDERS,
      countWaiting: (most) => countWaitingOrders(database.pool, most),
    },
    connections: {
      total: boundByOpenFiles(config.MAX_CONNECTIONS),
      perAddress: config.MAX_CONNECTIONS_PER_ADDRESS,
      trustedProxies: config.TRUSTED_PROXIES?.split(',') ?? [],
    },
    deadlines: {
      requestMs: config.REQUEST_TIMEOUT_MS,
      pingMs: config.STREAM_PING_MS,
      stallMs: config.STREAM_STALL_MS,
      closeMs: STREAM_CLOSE_MS,
      overMs: STREAM_OVER_MS,
      eventsMs: config.EVENT_STREAM_MAX_MS,
    },
    readiness: readinessChecks(engine, transport),
    about: {
      version: engineVersion(),
      chain: config.CHAIN,
      database: database.embedded ? 'PGlite' : 'PostgreSQL',
    },
  };
}
