import type { FrameWriter } from '../streams/stream-order.ts';
import type { Dialect } from './dialect.ts';
import { followProgress, type Progress } from './progress.ts';

/** Dialects with a socket path of their own. */
export type SocketDialect = Exclude<Dialect, 'amountIn'>;

/** The frames of one socket in a dialect. Asked for every event from the first one on. */
export function dialectFrames(dialect: SocketDialect): FrameWriter {
  const follow = followProgress();
  const toFrame = FRAMES[dialect];
  return (event) => {
    const progress = follow(event);
    if (!progress) return [];
    const frames = [toFrame(progress)];
    if (dialect === 'mixed' && event.type === 'order.pending') frames.unshift(connected(progress));
    return frames.map((frame) => JSON.stringify(frame));
  };
}

/** Fields without a value are left out of the JSON; `token_in` writes null instead. */
const FRAMES: Record<SocketDialect, (progress: Progress) => object> = {
  fromToken: (progress) => ({
    orderId: progress.orderId,
    status: progress.backoffMs === null ? progress.status : 'retrying',
    message: progress.message,
    attempt: progress.attempt || undefined,
    bestDex: progress.status === 'building' ? progress.venue : undefined,
    bestPrice: toNumber(progress.quotedPrice),
    raydiumPrice: toNumber(progress.venuePrices.get('raydium')),
    meteoraPrice: toNumber(progress.venuePrices.get('meteora')),
    dex: progress.venue ?? undefined,
    txHash: progress.signature ?? undefined,
    executionPrice: toNumber(progress.executedPrice),
    error: progress.reason ?? undefined,
    nextAttemptInMs: progress.backoffMs ?? undefined,
  }),
  mixed: (progress) => ({
    orderId: progress.orderId,
    status: progress.status,
    message: progress.message,
    attempt: repeatedAttempt(progress),
    dex: progress.venue ?? undefined,
    txHash: progress.signature ?? undefined,
    executedPrice: toNumber(progress.executedPrice),
    error: progress.reason ?? undefined,
  }),
  inputToken: (progress) => ({
    orderId: progress.orderId,
    status: progress.status,
    message: progress.message,
    attempt: repeatedAttempt(progress),
    price: toNumber(progress.quotedPrice),
    txHash: progress.signature ?? undefined,
    finalPrice: toNumber(progress.executedPrice),
    dex: progress.venue ?? undefined,
    error: progress.reason ?? undefined,
  }),
  token_in: (progress) => ({
    order_id: progress.orderId,
    status: progress.status,
    execution_price: toNumber(progress.executedPrice) ?? null,
    tx_hash: progress.signature,
    attempt: repeatedAttempt(progress),
    reason: progress.reason ?? undefined,
  }),
};

const connected = ({ orderId }: Progress): object => ({
  orderId,
  status: 'connected',
  message: 'Every update of the order follows, from its first one on.',
});

/** Only where `routing` appears again: the dialects have no status of their own for it. */
const repeatedAttempt = ({ status, attempt }: Progress): number | undefined =>
  status === 'routing' && attempt > 1 ? attempt : undefined;

/** These dialects write figures as JSON numbers. A price has 12 significant digits, which a double keeps exactly. */
const toNumber = (price: string | null | undefined): number | undefined =>
  price == null ? undefined : Number(price);
