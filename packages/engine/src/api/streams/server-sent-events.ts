import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { OrderId } from '../../domain/order.ts';
import type { Engine } from '../../execution/engine.ts';
import { watchOrder } from '../../execution/streams/watch-order.ts';
import type { Deadlines } from '../deadlines.ts';
import type { Draining } from '../plugins/drain.ts';

/** How long a browser waits before it connects again. */
const RETRY_MS = 1_000;

export interface StreamOptions {
  readonly draining: Draining;
  readonly deadlines: Deadlines;
}

/** The order's events as server-sent events: `id` is the sequence, so a browser resumes by itself. */
export async function streamServerSentEvents(
  engine: Engine,
  stream: StreamOptions & { readonly orderId: OrderId; readonly after: number; readonly reply: FastifyReply },
): Promise<void> {
  const { orderId, after, reply, draining, deadlines } = stream;
  const gone = new AbortController();
  reply.hijack();
  const { raw } = reply;
  raw.on('close', () => gone.abort());
  raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders), // Such as those that let a page of another origin read it.
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    connection: 'close', // The end of the stream is the end of the connection.
  });
  raw.write(':\n\n');
  const leave = (): void => {
    raw.write(`retry: ${RETRY_MS}\n\n`);
    gone.abort();
  };
  const stayed = draining.onStart(leave);
  const longEnough = setTimeout(leave, deadlines.eventsMs);
  const alive = setInterval(() => raw.writableNeedDrain || raw.write(':\n\n'), deadlines.pingMs);
  try {
    for await (const event of watchOrder(engine, orderId, after, gone.signal)) {
      const more = raw.write(
        `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
      );
      if (!more) await untilTaken(raw, deadlines.stallMs, gone.signal);
    }
  } catch (error) {
    engine.log.warn({ error, orderId }, 'event stream failed');
  } finally {
    clearInterval(alive);
    clearTimeout(longEnough);
    stayed();
    raw.end();
  }
}

/** Disconnects a client that reads nothing for too long. */
async function untilTaken(raw: ServerResponse, stallMs: number, gone: AbortSignal): Promise<void> {
  const timer = setTimeout(() => raw.destroy(), stallMs);
  await once(raw, 'drain', { signal: gone }).catch(() => {});
  clearTimeout(timer);
}
