import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { Engine } from '../../execution/engine.ts';
import { watchOrder } from '../../execution/watch-order.ts';
import { hasKey } from '../plugins/guard.ts';
import { isOrderId, readAfter } from '../read-params.ts';
import { toFrame } from '../wire.ts';

/** Close codes beside the standard ones: refusals are told here, since browsers cannot read an HTTP status. */
export const CLOSE = {
  over: 1000,
  restart: 1012,
  badRequest: 4400,
  unauthorized: 4401,
  unknown: 4404,
  slow: 4408,
};

const PUSH_UNTIL_BUFFERED_BYTES = 256 * 1024;
const SLOW_AFTER_MS = 30_000;
const PING_EVERY_MS = 20_000;

/** `WS /api/orders/:orderId/stream?after=N`: the order's events from any sequence on, as JSON frames. */
export function serveOrderStream(
  app: FastifyInstance,
  engine: Engine,
  options: { readonly apiKey?: string },
): void {
  keepAlive(app);
  app.get<{ Params: { orderId: string }; Querystring: { after?: string } }>(
    '/api/orders/:orderId/stream',
    { websocket: true },
    (socket, request) => void stream(socket, request),
  );

  async function stream(
    socket: WebSocket,
    request: FastifyRequest<{ Params: { orderId: string }; Querystring: { after?: string } }>,
  ): Promise<void> {
    const gone = new AbortController();
    socket.on('close', () => gone.abort('closed'));
    socket.on('error', () => gone.abort('closed'));
    const { orderId } = request.params;
    const after = readAfter(request.query.after);
    if (options.apiKey && !hasKey(request, options.apiKey))
      return socket.close(CLOSE.unauthorized, 'key is missing or wrong');
    if (!isOrderId(orderId)) return socket.close(CLOSE.badRequest, 'orderId is not a UUID');
    if (after === undefined) return socket.close(CLOSE.badRequest, 'after must be a whole number');
    try {
      let isKnown = false; // An order has at least one event, so the log itself tells; nothing else is asked for.
      for await (const event of watchOrder(engine, orderId, after, gone.signal)) {
        isKnown = true;
        if (await push(socket, toFrame(event))) continue;
        return socket.close(CLOSE.slow, `too slow; resume with after=${event.sequence - 1}`);
      }
      if (isKnown || gone.signal.aborted || (await engine.orders.get(orderId))) socket.close(CLOSE.over);
      else socket.close(CLOSE.unknown, 'order is not known');
    } catch (error) {
      engine.log.warn({ error, orderId }, 'order stream broke off');
      socket.close(CLOSE.restart, 'try again');
    }
  }
}

/** Sends a frame. A socket that reads slowly holds up only itself; false if it stands still for too long. */
function push(socket: WebSocket, frame: string): Promise<boolean> | boolean {
  if (socket.readyState !== socket.OPEN) return true;
  if (socket.bufferedAmount < PUSH_UNTIL_BUFFERED_BYTES) {
    socket.send(frame);
    return true;
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), SLOW_AFTER_MS);
    socket.send(frame, () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** One timer for all sockets: whoever did not answer the last ping is gone. */
function keepAlive(app: FastifyInstance): void {
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of app.websocketServer.clients) {
      if (silent.has(socket)) {
        socket.terminate();
        continue;
      }
      silent.add(socket);
      socket.ping();
    }
  }, PING_EVERY_MS);
  timer.unref();
  app.addHook('onReady', async () => {
    app.websocketServer.on('connection', (socket) => socket.on('pong', () => silent.delete(socket)));
  });
  app.addHook('onClose', async () => clearInterval(timer));
}
