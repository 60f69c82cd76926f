import type { IncomingMessage } from 'node:http';
import websocket from '@fastify/websocket';
import { type FastifyInstance, type FastifyPluginCallback, fastify } from 'fastify';
import type { Engine } from '../execution/engine.ts';
import type { ReadinessCheck } from '../execution/readiness/readiness.ts';
import type { Deadlines } from './deadlines.ts';
import { annotateStream, toRefusalFrame } from './dialects/annotate-stream.ts';
import { serveExecute } from './dialects/execute.ts';
import { serveDialectSockets } from './dialects/sockets.ts';
import { type AdmissionOptions, createAdmission } from './plugins/admission.ts';
import { allowOrigins } from './plugins/allow-origins.ts';
import { boundConnections, type ConnectionLimits } from './plugins/bound-connections.ts';
import { drainAtClose } from './plugins/drain.ts';
import {
  connectionDeadlines,
  endAnsweredRequests,
  LOOK_EVERY_MS,
  refuseConnection,
} from './plugins/end-slow-requests.ts';
import { guardRequests } from './plugins/guard.ts';
import { answerProblems, sendProblem } from './problems.ts';
import { serveAmend } from './routes/amend.ts';
import { serveCancel } from './routes/cancel.ts';
import { serveDocuments } from './routes/documents.ts';
import { serveExplain } from './routes/explain.ts';
import { serveHealth } from './routes/health.ts';
import { type About, serveHome } from './routes/home.ts';
import { serveMarket } from './routes/market.ts';
import { serveOrders } from './routes/orders.ts';
import { servePrices } from './routes/prices.ts';
import { serveReview } from './routes/review.ts';
import { serveSubmit } from './routes/submit.ts';
import { keepJsonTexts } from './sent-amount.ts';
import { serveAccountStream } from './streams/account-stream.ts';
import { keepAlive } from './streams/keep-alive.ts';
import { serveOrderStream } from './streams/order-stream.ts';

export interface AppOptions {
  /** Address that the server will listen on; decides what the guard lets in. */
  readonly host: string;
  readonly apiKey?: string;
  /** Origins whose pages may call, beside those of the server itself. */
  readonly origins: readonly string[];
  /** How long an order of a dialect that starts with its stream waits for it. */
  readonly streamHoldMs: number;
  /** The checks of `/readyz`. */
  readonly readiness: readonly ReadinessCheck[];
  /** How long `/readyz` fails before a stopping process closes its port. */
  readonly stopNoticeMs: number;
  readonly connections: ConnectionLimits;
  readonly backlog: Pick<AdmissionOptions, 'maxBacklog' | 'countWaiting'>;
  readonly deadlines: Deadlines;
  readonly about: About;
  /** Pages that others serve, each under a path of its own. */
  readonly pages?: readonly Page[];
}

interface Page {
  readonly path: string;
  readonly plugin: FastifyPluginCallback<object>;
}

/** `GET /api/orders/` is `GET /api/orders` to many clients. */
const forgiveSlashAtEnd = ({ method, url = '/' }: IncomingMessage): string =>
  method === 'GET' ? url.replace(/^(\/api\/[^?]*)\/(?=\?|$)/, '$1') : url;

const BODY_LIMIT_BYTES = 64 * 1024;
const socketServer = ({ closeMs }: Deadlines) => ({
  perMessageDeflate: false,
  maxPayload: 4 * 1024,
  closeTimeout: closeMs,
});

/** The HTTP and WebSocket interface of one engine. Not listening yet. */
export async function createApp(engine: Engine, options: AppOptions): Promise<FastifyInstance> {
  const { trustedProxies } = options.connections;
  const { deadlines } = options;
  const ofConnections = connectionDeadlines(deadlines);
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: () => engine.random.uuid(),
    // Values are read as sent: no coercion, and unknown fields are errors.
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false },
    },
    routerOptions: { maxParamLength: 200 },
    rewriteUrl: forgiveSlashAtEnd,
    ...ofConnections,
    http: { headersTimeout: ofConnections.headersTimeout, connectionsCheckingInterval: LOOK_EVERY_MS },
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    clientErrorHandler: (error, socket) =>
      refuseConnection(error, socket, { requestId: engine.random.uuid(), deadlines }),
    // Requests that arrive while the process stops are still served (`drainAtClose`).
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // Paths that the router itself refuses.
    frameworkErrors: (error, request, reply) =>
      sendProblem(request, reply, 'not_found', { detail: error.message.slice(0, 200) }),
  });
  app.removeContentTypeParser('text/plain');
  keepJsonTexts(app);
  answerProblems(app, engine.log);
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id);
    done(null, payload);
  });
  await app.register(websocket, {
    options: socketServer(deadlines),
    preClose: (done) => done(), // Sockets are closed by `drainAtClose`.
  });
  const draining = drainAtClose(app, options.stopNoticeMs);
  const sockets = { ...options, draining };
  const admission = createAdmission({ ...options.backlog, clock: engine.clock, log: engine.log });
  endAnsweredRequests(app);
  allowOrigins(app, options.origins);
  boundConnections(app, options.connections);
  guardRequests(app, options); // After the plugin, whose own hook tells upgrades from requests.
  serveHealth(app, engine, options.readiness, draining);
  serveHome(app, engine, options.about);
  serveSubmit(app, engine, { draining, admission });
  serveOrders(app, engine, { draining, deadlines });
  serveExplain(app, engine);
  serveAmend(app, engine);
  serveCancel(app, engine);
  serveReview(app, engine);
  serveMarket(app, engine);
  servePrices(app, engine);
  serveDocuments(app, options.about);
  keepAlive(app, deadlines);
  serveOrderStream(app, engine, {
    ...sockets,
    dialect: { annotate: annotateStream, toRefusalFrame },
  });
  serveAccountStream(app, engine, sockets);
  serveExecute(app, engine, { ...options, admission });
  serveDialectSockets(app, engine, sockets);
  for (const { path, plugin } of options.pages ?? []) await app.register(plugin, { prefix: path });
  return app;
}
