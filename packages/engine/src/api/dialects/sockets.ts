import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { Engine } from '../../execution/engine.ts';
import { CLOSE } from '../close-codes.ts';
import { streamOrder } from '../streams/order-stream.ts';
import { type SocketOptions, serveSocket } from '../streams/serve-socket.ts';
import type { StreamClient } from '../streams/stream-client.ts';
import { dialectFrames, type SocketDialect } from './frames.ts';

const FIRST_FRAME_WITHIN_MS = 30_000;

type IdInQuery = FastifyRequest<{ Querystring: { orderId?: string | string[] } }>;
type IdInPath = FastifyRequest<{ Params: { orderId: string } }>;

/** The clients that wait for their socket before they expect their order to start. */
const STARTS_HELD: ReadonlySet<SocketDialect> = new Set(['fromToken', 'mixed']);

/**
 * The dialects' sockets. They have no `after`: each tells the whole order, whenever it joins, and closes 1000. Those on `/ws`
 * and on `/api/orders/execute?orderId=` also start an order that was held for them.
 */
export function serveDialectSockets(app: FastifyInstance, engine: Engine, options: SocketOptions): void {
  const stream = (client: StreamClient, orderId: string, dialect: SocketDialect): void =>
    void streamOrder(engine, client, {
      orderId,
      after: 0,
      toFrames: dialectFrames(dialect),
      held: STARTS_HELD.has(dialect) ? 'start' : 'leave',
      ...(dialect === 'fromToken' && { refusalFrame: toErrorFrame }),
    });

  serveSocket<IdInQuery>(app, '/ws', options, (client, { query }) => {
    if (query.orderId) return stream(client, String(query.orderId), 'fromToken');
    const reason = 'orderId is required in ws query';
    client.socket.send(toErrorFrame(reason));
    client.socket.close(CLOSE.badRequest, reason);
  });
  serveSocket<IdInPath>(app, '/api/orders/ws/{orderId}', options, (client, { params }) =>
    stream(client, params.orderId, 'inputToken'),
  );
  serveSocket<IdInQuery>(app, '/api/orders/execute', options, (client, { query }) => {
    if (query.orderId !== undefined) stream(client, String(query.orderId), 'mixed');
    else awaitOrderId(client.socket, (orderId) => stream(client, orderId, 'token_in'));
  });
  serveSocket(app, '/api/orders/status', options, (client) =>
    awaitOrderId(client.socket, (orderId) => stream(client, orderId, 'token_in')),
  );
}

/** One of two originals that say why before they close; the other is `amountIn`. */
const toErrorFrame = (reason: string): string => JSON.stringify({ error: reason });

/** Takes the first frame as the order's id, in plain text; a socket that says nothing is closed. */
function awaitOrderId(socket: WebSocket, found: (orderId: string) => void): void {
  const timer = setTimeout(
    () => socket.close(CLOSE.badRequest, 'the first frame must be the order id'),
    FIRST_FRAME_WITHIN_MS,
  );
  socket.once('close', () => clearTimeout(timer));
  socket.once('message', (data) => {
    clearTimeout(timer);
    found(String(data).trim());
  });
}
