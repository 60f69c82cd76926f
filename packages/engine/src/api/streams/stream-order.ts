import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { OrderEvent } from '../../domain/order-event.ts';
import type { Engine } from '../../execution/engine.ts';
import { watchOrder } from '../../execution/streams/watch-order.ts';
import type { Deadlines } from '../deadlines.ts';
import type { Draining } from '../plugins/drain.ts';
import { hasKey } from '../plugins/guard.ts';
import { sendProblem } from '../problems.ts';
import { isOrderId } from '../read-params.ts';
import { CLOSE } from './close-codes.ts';

export const PUSH_UNTIL_BUFFERED_BYTES = 256 * 1024;

export interface SocketOptions {
  readonly apiKey?: string;
  readonly draining: Draining;
  readonly deadlines: Pick<Deadlines, 'stallMs' | 'overMs'>;
}

/** A path for sockets only; checks the key. Answers a request without an upgrade with `upgrade_required`. */
export function serveSocket<R extends FastifyRequest>(
  app: FastifyInstance,
  path: string,
  options: SocketOptions,
  open: (socket: WebSocket, request: R) => void,
): void {
  app.route({
    method: 'GET',
    url: path,
    handler: (request, reply) => sendProblem(request, reply, 'upgrade_required'),
    preHandler: async (request, reply) => {
      if (request.ws) responses.set(request.raw, reply.raw);
    },
    wsHandler: (socket, request) => {
      forgetRequest(socket, request.raw);
      if (options.apiKey && !hasKey(request, options.apiKey))
        return socket.close(CLOSE.unauthorized, 'key is missing or wrong');
      if (options.draining.isUnderWay()) return socket.close(CLOSE.restart, 'the engine is stopping');
      outgoing.set(socket, {
        gather: gathering(request.raw.socket),
        stallMs: options.deadlines.stallMs,
      });
      open(socket, request as R);
    },
  });
}

/** Responses of upgrades in progress. */
const responses = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * Releases the upgrade's request and response. Otherwise each open socket would keep them with all their headers, a third of
 * its memory.
 */
function forgetRequest(socket: WebSocket, request: IncomingMessage): void {
  responses.get(request)?.detachSocket(request.socket);
  socket.removeAllListeners('error'); // The plugin's, which knows the request.
  socket.on('error', terminate);
}

function terminate(this: WebSocket): void {
  this.terminate();
}

/** The text frames of an event; none if the event has no frame. Called once per event, in order. */
export type FrameWriter = (event: OrderEvent) => readonly string[];

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
  socket: WebSocket,
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
        if (await push(socket, frame)) continue;
        return socket.close(CLOSE.slow, `too slow; resume with after=${event.sequence - 1}`);
      }
    }
    if (isKnown || gone.signal.aborted || (await engine.orders.get(orderId)))
      closeAfter(socket, stayOpenMs());
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

interface Outgoing {
  /** Combines the frames of one turn of the event loop into one write, which costs as much as a single frame. */
  gather(): void;
  readonly stallMs: number;
}

const outgoing = new WeakMap<WebSocket, Outgoing>();

function gathering(wire: Socket): () => void {
  let isGathering = false;
  return () => {
    if (isGathering) return;
    isGathering = true;
    wire.cork();
    process.nextTick(() => {
      isGathering = false;
      wire.uncork();
    });
  };
}

/** Sends a frame. A slow client delays only its own stream; false if it reads nothing for too long. */
export function push(socket: WebSocket, frame: string): Promise<boolean> | boolean {
  if (socket.readyState !== socket.OPEN) return true;
  const { gather, stallMs } = outgoing.get(socket)!;
  gather();
  if (socket.bufferedAmount < PUSH_UNTIL_BUFFERED_BYTES) {
    socket.send(frame);
    return true;
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), stallMs);
    socket.send(frame, () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
