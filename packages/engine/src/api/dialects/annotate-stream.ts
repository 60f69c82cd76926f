import type { WebSocket } from 'ws';
import { toTimestamp } from '../../domain/timestamp.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FrameWriter } from '../streams/frame-writer.ts';
import { PUSH_UNTIL_BUFFERED_BYTES } from '../streams/stream-client.ts';
import { followProgress } from './progress.ts';

export interface AnnotatedStream {
  readonly toFrames: FrameWriter;
  /** Whether the order is one of the dialect; known once its first event was taken. */
  isOfDialect(): boolean;
}

/**
 * The frames of the canonical stream. An order of the dialect `amountIn`, which shares its path, also gets a greeting, its
 * own fields, and an answer to its pings; for any other order nothing changes.
 */
export function annotateStream(socket: WebSocket, clock: Clock): AnnotatedStream {
  let writer: FrameWriter | undefined;
  let greeted = false;
  let isPinged = false; // Clients may ping before the log has told whose order it is.
  const listen = (data: unknown): void => {
    if (!isPing(data)) return;
    isPinged = !greeted;
    if (greeted && socket.bufferedAmount < PUSH_UNTIL_BUFFERED_BYTES) socket.send(pong(clock));
  };
  socket.on('message', listen);

  const toFrames: FrameWriter = (event) => {
    if (writer) return writer(event);
    if (event.type !== 'order.pending' || event.data.dialect !== 'amountIn') {
      socket.off('message', listen);
      writer = (one) => [JSON.stringify(one)];
      return writer(event);
    }
    writer = annotatedFrames();
    greeted = true;
    const greeting = { type: 'connected', orderId: event.orderId, timestamp: toTimestamp(clock.now()) };
    return [JSON.stringify(greeting), ...writer(event), ...(isPinged ? [pong(clock)] : [])];
  };
  return { toFrames, isOfDialect: () => greeted };
}

function annotatedFrames(): FrameWriter {
  const follow = followProgress();
  return (event) => {
    const progress = follow(event);
    const own = progress && {
      dexType: progress.venue ?? undefined,
      executedPrice: progress.executedPrice ?? undefined,
      txHash: progress.signature ?? undefined,
      errorReason: progress.reason ?? undefined,
    };
    return [JSON.stringify({ ...event, ...own })];
  };
}

/** What the dialect's client is told before its socket closes for an order that cannot be followed. */
export const toRefusalFrame =
  (orderId: string, clock: Clock) =>
  (error: string): string =>
    JSON.stringify({ type: 'error', error, orderId, timestamp: toTimestamp(clock.now()) });

function isPing(data: unknown): boolean {
  try {
    return (JSON.parse(String(data)) as { type?: unknown } | null)?.type === 'ping';
  } catch {
    return false;
  }
}

const pong = (clock: Clock): string => JSON.stringify({ type: 'pong', timestamp: toTimestamp(clock.now()) });
