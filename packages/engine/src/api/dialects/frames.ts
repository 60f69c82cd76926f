import type { FrameWriter } from '../streams/frame-writer.ts';
import type { Dialect } from './dialect.ts';
import { followProgress, NO_PRICES, type Progress } from './progress.ts';

/** Dialects with a socket path of their own. */
export type SocketDialect = Exclude<Dialect, 'amountIn'>;

/** Fields without a value are left out of the JSON; `token_in` writes null instead. */
type FrameMaker = (progress: Progress) => readonly object[];

/** The frames of one socket in a dialect. Asked for every event from the first one on. */
export function dialectFrames(dialect: SocketDialect): FrameWriter {
  const follow = followProgress(HAS_CAPITALS.has(dialect) ? withCapital : undefined);
  const toFrames = FRAMES[dialect]();
  return (event) => {
    const progress = follow(event);
    return progress ? toFrames(progress).map((frame) => JSON.stringify(frame)) : [];
  };
}

/** Whose exchanges are `Raydium` and `Meteora`. */
const HAS_CAPITALS: ReadonlySet<SocketDialect> = new Set(['fromToken', 'inputToken']);
const withCapital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

const FRAMES: Record<SocketDialect, () => FrameMaker> = {
  fromToken: () => (progress) => withDecision(progress).map(fromTokenFrame),
  mixed: mixedFrames,
  inputToken: () => (progress) => withDecision(progress).map(inputTokenFrame),
  token_in: () => (progress) => [tokenInFrame(progress)],
};

/** These clients read the routing decision in a second `routing`, where the engine tells it with `building`. */
const withDecision = (progress: Progress): readonly Progress[] =>
  progress.status === 'building'
    ? [decisionOf(progress), { ...progress, ...NO_DECISION, message: 'Creating the transaction.' }]
    : [progress];

const decisionOf = (progress: Progress): Progress => ({ ...progress, status: 'routing' });
const NO_DECISION = { quotedPrice: null, venuePrices: NO_PRICES } as const;

const isFirst = ({ status, isResting }: Progress): boolean => status === 'pending' && !isResting;

function fromTokenFrame(progress: Progress): object {
  const isRetry = progress.backoffMs !== null;
  const isRouting = progress.status === 'routing';
  return {
    orderId: progress.orderId,
    status: isRetry ? 'retrying' : progress.status,
    message: isFirst(progress) ? 'Order received. Starting execution shortly.' : progress.message,
    attempt: (isRetry ? progress.attemptBefore : progress.attempt) || undefined,
    bestDex: (isRouting && progress.venue) || undefined,
    bestPrice: toNumber(progress.quotedPrice),
    raydiumPrice: toNumber(progress.venuePrices.get('raydium')),
    meteoraPrice: toNumber(progress.venuePrices.get('meteora')),
    dex: (!isRouting && progress.venue) || undefined,
    txHash: progress.signature ?? undefined,
    executionPrice: toNumber(progress.executedPrice),
    error: progress.reason ?? undefined,
    nextAttemptInMs: progress.backoffMs ?? undefined,
  };
}

/**
 * The one `routing` of a try carries its decision, so it is told when that is known; without one, as soon as it is known that
 * none comes.
 */
function mixedFrames(): FrameMaker {
  let undecided: Progress | undefined;
  return (progress) => {
    const earlier = undecided;
    undecided = progress.status === 'routing' ? progress : undefined;
    if (isFirst(progress)) return [{ orderId: progress.orderId, status: 'connected' }, mixedFrame(progress)];
    switch (progress.status) {
      case 'routing':
        return earlier ? [mixedFrame(earlier)] : [];
      case 'building': {
        const [decision, building] = withDecision(progress) as [Progress, Progress];
        return [mixedFrame({ ...decision, reason: earlier?.reason ?? null }), mixedFrame(building)];
      }
      default:
        return [...(earlier ? [mixedFrame(earlier)] : []), mixedFrame(progress)];
    }
  };
}

const mixedFrame = (progress: Progress): object => ({
  orderId: progress.orderId,
  status: progress.status,
  message: progress.message,
  attempt: repeatedAttempt(progress),
  dex: progress.venue ?? undefined,
  price: toNumber(progress.quotedPrice),
  txHash: progress.signature ?? undefined,
  executedPrice: toNumber(progress.executedPrice),
  error: progress.reason ?? undefined,
});

const inputTokenFrame = (progress: Progress): object => ({
  orderId: progress.orderId,
  status: progress.status,
  message: inputTokenMessage(progress),
  attempt: repeatedAttempt(progress),
  price: toNumber(progress.quotedPrice ?? progress.executedPrice),
  txHash: progress.signature ?? undefined,
  finalPrice: toNumber(progress.executedPrice),
  dex: progress.venue ?? undefined,
  error: progress.reason ?? undefined,
});

function inputTokenMessage(progress: Progress): string {
  const { status, venue, message } = progress;
  if (isFirst(progress)) return 'Connected to updates';
  return status === 'routing' && venue !== null ? `Best Route: ${venue}` : message;
}

const tokenInFrame = (progress: Progress): object => ({
  order_id: progress.orderId,
  status: progress.status,
  execution_price: toNumber(progress.executedPrice) ?? null,
  tx_hash: progress.signature,
  attempt: repeatedAttempt(progress),
  reason: reasonOf(progress),
});

/** A price that moved is told in the words of the original. */
function reasonOf({ reason, priceMove }: Progress): string | undefined {
  if (!priceMove) return reason ?? undefined;
  const { movedBps, allowedBps } = priceMove;
  const moved = movedBps === undefined ? `more than ${percent(allowedBps)}` : percent(movedBps);
  return `Price moved ${moved} (max allowed: ${percent(allowedBps)})`;
}

/** Of whole basis points, with two decimals. */
const percent = (bps: number): string => `${Math.trunc(bps / 100)}.${String(bps % 100).padStart(2, '0')}%`;

/** Only where `routing` appears again: the dialects have no status of their own for it. */
const repeatedAttempt = ({ status, attempt }: Progress): number | undefined =>
  status === 'routing' && attempt > 1 ? attempt : undefined;

/** These dialects write figures as JSON numbers. A price has 12 significant digits, which a double keeps exactly. */
const toNumber = (price: string | null | undefined): number | undefined =>
  price == null ? undefined : Number(price);
