import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Engine } from '../../execution/engine.ts';
import { annotateStream, toRefusalFrame } from '../dialects/annotate-stream.ts';
import { readAfter } from '../read-params.ts';
import { CLOSE } from './close-codes.ts';
import { type SocketOptions, serveSocket, streamOrder } from './stream-order.ts';

type StreamRequest = FastifyRequest<{ Params: { orderId: string }; Querystring: { after?: string } }>;

/** `WS /api/orders/:orderId/stream?after=N`: the order's events from any sequence on, as JSON frames. */
export function serveOrderStream(app: FastifyInstance, engine: Engine, options: SocketOptions): void {
  serveSocket<StreamRequest>(app, '/api/orders/:orderId/stream', options, (socket, { params, query }) => {
    const { orderId } = params;
    const after = readAfter(query.after);
    if (after === undefined) return socket.close(CLOSE.badRequest, 'after must be a whole number');
    const { toFrames, isOfDialect } = annotateStream(socket, engine.clock);
    // Its clients connect again after every close, and show each event anew; with `after` they would miss nothing by it.
    const stayOpenMs = (): number =>
      query.after === undefined && isOfDialect() ? options.deadlines.overMs : 0;
    void streamOrder(engine, socket, {
      orderId,
      after,
      toFrames,
      stayOpenMs,
      ...(query.after === undefined && { refusalFrame: toRefusalFrame(orderId, engine.clock) }),
    });
  });
}
