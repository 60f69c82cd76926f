import { CHANNELS } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Engine } from '../../execution/engine.ts';
import { EventsDeparted, watchAccount } from '../../execution/streams/watch-account.ts';
import { ACCOUNT } from '../account.ts';
import { CLOSE } from '../close-codes.ts';
import { readAfter } from '../read-params.ts';
import { type AccountFrames, createAccountFrames } from './account-frames.ts';
import { type SocketOptions, serveSocket } from './serve-socket.ts';
import type { StreamClient } from './stream-client.ts';

type StreamRequest = FastifyRequest<{ Querystring: { after?: string } }>;

/**
 * `WS /api/stream?after=N`: the events of all orders, each with its position in the account's stream; without `after`
 * those from now on. The first frame says where the stream begins, so that a client can resume before it has an event.
 */
export function serveAccountStream(app: FastifyInstance, engine: Engine, options: SocketOptions): void {
  const toFrame = createAccountFrames();
  serveSocket<StreamRequest>(app, CHANNELS.accountStream.path, options, (client, { query }) => {
    void streamAccount(engine, client, { toFrame, wanted: query.after });
  });
}

interface AccountStream {
  readonly toFrame: AccountFrames;
  readonly wanted: string | undefined;
}

async function streamAccount(
  engine: Engine,
  { socket, push }: StreamClient,
  { toFrame, wanted }: AccountStream,
): Promise<void> {
  const gone = new AbortController();
  socket.on('close', () => gone.abort('closed'));
  socket.on('error', () => gone.abort('closed'));
  try {
    const end = await engine.orders.accountPosition(ACCOUNT);
    const after = wanted === undefined ? end : readAfter(wanted);
    if (after === undefined) return socket.close(CLOSE.badRequest, 'after must be a whole number');
    if (after > end) return socket.close(CLOSE.badRequest, `after is beyond the last position, ${end}`);
    const departed = await engine.orders.departedPosition(ACCOUNT);
    if (after < departed) throw new EventsDeparted(departed);
    socket.send(JSON.stringify({ type: 'stream.opened', position: after }));
    for await (const page of watchAccount(engine, ACCOUNT, after, gone.signal))
      for (const event of page) {
        const isSent = push(toFrame(event));
        if (isSent === true || (await isSent)) continue;
        return socket.close(CLOSE.slow, `too slow; resume with after=${event.position - 1}`);
      }
  } catch (error) {
    if (error instanceof EventsDeparted)
      return socket.close(CLOSE.departed, `events have left; resume with after=${error.position} or later`);
    engine.log.warn({ error }, 'account stream failed');
    socket.close(CLOSE.restart, 'try again');
  }
}
