import { CHANNELS, pairs as pairsOf } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Engine } from '../../execution/engine.ts';
import { currentPrices } from '../../execution/market/current-prices.ts';
import type { Pair } from '../../execution/market/pair-price.ts';
import { EventsDeparted, watchAccount } from '../../execution/streams/watch-account.ts';
import { ACCOUNT } from '../account.ts';
import { CLOSE } from '../close-codes.ts';
import { requirePair, requirePath } from '../prices.ts';
import { ProblemError } from '../problems.ts';
import { readAfter } from '../read-params.ts';
import { type AccountFrames, createAccountFrames } from './account-frames.ts';
import { createPriceBoard, type PriceBoard } from './price-board.ts';
import { streamPrices } from './price-stream.ts';
import { type SocketOptions, serveSocket } from './serve-socket.ts';
import type { StreamClient } from './stream-client.ts';

interface StreamQuery {
  readonly after?: string;
  /** Pairs whose prices the stream sends too. */
  readonly prices?: string;
  /** `none`: only prices. */
  readonly events?: string;
}
type StreamRequest = FastifyRequest<{ Querystring: StreamQuery }>;

/**
 * `WS /api/stream?after=N`: the events of all orders, each with its position in the account's stream; without `after`
 * those from now on. The first frame says where the stream begins, so that a client can resume before it has an event.
 * With `prices` the socket has prices of pairs beside them, or alone with `events=none`.
 */
export function serveAccountStream(app: FastifyInstance, engine: Engine, options: SocketOptions): void {
  const toFrame = createAccountFrames();
  const board = createPriceBoard(engine);
  serveSocket<StreamRequest>(app, CHANNELS.accountStream.path, options, (client, { query }) => {
    void streamAccount(engine, client, { toFrame, board, query });
  });
}

interface AccountStream {
  readonly toFrame: AccountFrames;
  readonly board: PriceBoard;
  readonly query: StreamQuery;
}

async function streamAccount(
  engine: Engine,
  client: StreamClient,
  { toFrame, board, query }: AccountStream,
): Promise<void> {
  const { socket, push } = client;
  const gone = new AbortController();
  socket.on('close', () => gone.abort('closed'));
  socket.on('error', () => gone.abort('closed'));
  try {
    const pairs = query.prices === undefined ? [] : await readPairs(engine, query.prices);
    const hasEvents = readEvents(query);
    const after = hasEvents ? await begin(engine, query.after) : 0;
    if (hasEvents) socket.send(JSON.stringify({ type: 'stream.opened', position: after }));
    if (pairs.length > 0) streamPrices(board, client, pairs);
    if (!hasEvents) return;
    for await (const page of watchAccount(engine, ACCOUNT, after, gone.signal))
      for (const event of page) {
        const isSent = push(toFrame(event));
        if (isSent === true || (await isSent)) continue;
        return socket.close(CLOSE.slow, `too slow; resume with after=${event.position - 1}`);
      }
  } catch (error) {
    if (error instanceof ProblemError) return socket.close(CLOSE.badRequest, toReason(error.message));
    if (error instanceof EventsDeparted)
      return socket.close(CLOSE.departed, `events have left; resume with after=${error.position} or later`);
    engine.log.warn({ error }, 'account stream failed');
    socket.close(CLOSE.restart, 'try again');
  }
}

/** @throws {ProblemError} They are no pairs that have a price here. */
async function readPairs(engine: Engine, text: string): Promise<readonly Pair[]> {
  const read = pairsOf.safeParse(text);
  if (!read.success) throw refused(read.error.issues.map(({ message }) => message).join(' '));
  const names = read.data;
  const pairs = await Promise.all(names.map((pair) => requirePair(engine, pair, ['prices', 'prices'])));
  for (const current of await currentPrices(engine, pairs)) requirePath(current, 'prices');
  return pairs;
}

/** Whether the stream has events. */
function readEvents({ events, after, prices }: StreamQuery): boolean {
  if (events === undefined) return true;
  if (events !== 'none') throw refused('events can only be none');
  if (prices === undefined || after !== undefined) throw refused('events=none needs prices, and no after');
  return false;
}

/** @throws {ProblemError} The stream has not reached that position. */
async function begin(engine: Engine, wanted: string | undefined): Promise<number> {
  const end = await engine.orders.accountPosition(ACCOUNT);
  const after = wanted === undefined ? end : readAfter(wanted);
  if (after === undefined) throw refused('after must be a whole number');
  if (after > end) throw refused(`after is beyond the last position, ${end}`);
  const departed = await engine.orders.departedPosition(ACCOUNT);
  if (after < departed) throw new EventsDeparted(departed);
  return after;
}

const refused = (detail: string): ProblemError => new ProblemError('invalid_request', { detail });

/** The frame that closes a socket has room for 123 bytes. */
const toReason = (text: string): string => text.replace(/[^ -~]/g, '?').slice(0, 123);
