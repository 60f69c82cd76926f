import { CHANNELS } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { Engine } from '../../execution/engine.ts';
import { watchOrder } from '../../execution/streams/watch-order.ts';
import type { Clock } from '../../ports/clock.ts';
import { CLOSE } from '../close-codes.ts';
import { isOrderId, readAfter } from '../read-params.ts';
import type { FrameWriter } from './frame-writer.ts';
import { type SocketOptions, serveSocket } from './serve-socket.ts';
import type { StreamClient } from './stream-client.ts';

type StreamRequest = FastifyRequest<{ Params: { orderId: string }; Querystring: { after?: string } }>;

/** What a socket's frames are, and whether its client is one that connects again after every close. */
export type Annotate = (
  socket: WebSocket,
  clock: Clock,
) => { readonly toFrames: FrameWriter; readonly isOfDialect: () => boolean };

export interface OrderStreamOptions extends SocketOptions {
  /** The dialect whose clients connect to this path too. */
  readonly dialect: {
    readonly annotate: Annotate;
    readonly toRefusalFrame: (orderId: string, clock: Clock) => (reason: string) => string;
  };
}

/** The order's events from any sequence on, as JSON frames. */
export function serveOrderStream(app: FastifyInstance, engine: Engine, options: OrderStreamOptions): void {
  serveSocket<StreamRequest>(app, CHANNELS.orderStream.path, options, (client, { params, query }) => {
    const { socket } = client;
    const { orderId } = params;
    const { dialect } = options;
    const after = readAfter(query.after);
    if (after === undefined) return socket.close(CLOSE.badRequest, 'after must be a whole number');
    const { toFrames, isOfDialect } = dialect.annotate(socket, engine.clock);
    // Its clients connect again after every close, and show each event anew; with `after` they would miss nothing by it.
    const stayOpenMs = (): number =>
      query.after === undefined && isOfDialect() ? options.deadlines.overMs : 0;
    void streamOrder(engine, client, {
      orderId,
      after,
      toFrames,
      stayOpenMs,
      ...(query.after === undefined && { refusalFrame: dialect.toRefusalFrame(orderId, engine.clock) }),
    });
  });
}

export interface OrderStream {
  readonly orderId: string;
  readonly after: number;
  readonly toFrames: FrameWriter;
  /** `start`: the stream belongs to a client whose order is held until its stream connects. */
  readonly held?: 'start' | 'leave';
  /** Called at the end: how long the stream stays open after it, milliseconds. Absent: it closes at once. */
  readonly stayOpenMs?: () => number;
  /** A frame with the reason of a refusal, sent before the socket closes, for clients that do not read close codes. */
  readonly refusalFrame?: (reason: string) => string;
}

/** Sends an order's events after `after`, from the log and then live, and closes the socket at the end. */
export async function streamOrder(
  engine: Engine,
  { socket, push }: StreamClient,
  { orderId, after, toFrames, held = 'leave', refusalFrame, stayOpenMs = () => 0 }: OrderStream,
): Promise<void> {
  const refuse = (code: number, reason: string): void => {
    if (refusalFrame) socket.send(refusalFrame(reason));
    socket.close(code, reason);
  };
  if (!isOrderId(orderId)) return refuse(CLOSE.badRequest, 'orderId is not a UUID');
  const gone = new AbortController();
  socket.on('close', () => gone.abort('closed'));
  socket.on('error', () => gone.abort('closed'));
  try {
    if (after > 0) {
      const order = await engine.orders.get(orderId);
      if (order && after > order.sequence)
        return socket.close(CLOSE.badRequest, `after is beyond the last event, ${order.sequence}`);
    }
    let isKnown = false; // An order has at least one event, so the log itself tells; nothing else is asked for.
    for await (const event of watchOrder(engine, orderId, after, gone.signal, held)) {
      isKnown = true;
      for (const frame of toFrames(event)) {
        if (await push(frame)) continue;
        return socket.close(CLOSE.slow, `too slow; resume with after=${event.sequence - 1}`);
      }
    }
    if (isKnown || gone.signal.aborted || (await engine.orders.get(orderId)))
      closeAfter(socket, stayOpenMs());
    else if (await engine.orders.hasDeparted(orderId)) refuse(CLOSE.departed, 'order has left');
    else refuse(CLOSE.unknown, 'order is not known');
  } catch (error) {
    engine.log.warn({ error, orderId }, 'order stream failed');
    socket.close(CLOSE.restart, 'try again');
  }
}

function closeAfter(socket: WebSocket, ms: number): void {
  if (ms === 0 || socket.readyState !== socket.OPEN) {
    socket.close(CLOSE.over);
    return;
  }
  const timer = setTimeout(() => socket.close(CLOSE.over), ms);
  socket.once('close', () => clearTimeout(timer));
}
