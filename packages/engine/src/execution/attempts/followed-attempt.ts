import type { Attempt } from '../../domain/attempt.ts';
import type { Moment } from '../../domain/moment.ts';
import type { Order } from '../../domain/order.ts';
import { msSince } from '../../ports/clock.ts';
import type { Ports } from '../ports.ts';
import type { WithWaits } from '../waiting/wait-times.ts';
import type { ShownFill } from './read-fill.ts';
import { broadcast } from './record-attempt.ts';
import { settleExpired, settleUntaken } from './settle-order.ts';

/** An attempt that this process watches. */
export interface Followed {
  readonly attempt: Attempt;
  /** The order as last read. It saves a read; the store's compare-and-set decides. */
  readonly order: Order | undefined;
  readonly fence: number;
  /** When this process began to follow it, or reopened it. */
  readonly followedAt: Moment;
  sentAt: Moment;
  /** When a node last showed its status. */
  shownAt: Moment;
  reach: Reach;
  /** What the order was confirmed with, if this process read and wrote it. */
  readonly landing?: ShownFill | undefined;
  /** The log has named it as one whose outcome the nodes do not prove (`nodes-disagree.ts`). */
  isDisputed?: boolean;
}

/**
 * How far the bytes have come, as far as this process knows.
 *
 * unknown       no node has acknowledged them.
 * acknowledged  a node has, but nodes acknowledge dead bytes too.
 * taken         they could still land after that, or a node has shown their status: the market had its chance.
 */
type Reach = 'unknown' | 'acknowledged' | 'taken';

/** Bytes that a node shows in a block are sent again this many times less often. */
const SHOWN_FACTOR = 5;

/**
 * Whether the bytes are to be sent again. Bytes that a node shows in a block have no use for it, unless a fork drops the block:
 * then no node shows them at the next poll. The node may also be wrong, so they are not held back for good.
 */
export function isDueAgain(
  { clock, limits: { resendMs } }: Pick<Ports, 'clock' | 'limits'>,
  { sentAt, shownAt }: Followed,
): boolean {
  const isShown = msSince(clock, shownAt) < resendMs;
  return msSince(clock, sentAt) >= (isShown ? resendMs * SHOWN_FACTOR : resendMs);
}

/** Sends the recorded bytes to every node. */
export async function sendFollowed(ports: Ports, followed: Followed): Promise<void> {
  followed.sentAt = ports.clock.moment();
  const isAcknowledged = await broadcast(ports, followed.attempt);
  if (isAcknowledged && followed.reach === 'unknown') followed.reach = 'acknowledged';
}

/** To be called before the nodes are asked whether these can still land; the result, with what they said. */
export function acknowledgedAmong(all: readonly Followed[]): (canLand: ReadonlySet<Attempt>) => void {
  const acknowledged = all.filter(({ reach }) => reach === 'acknowledged');
  return (canLand) => {
    for (const followed of acknowledged) if (canLand.has(followed.attempt)) followed.reach = 'taken';
  };
}

/** The attempt can never land: its try ends, or the order continues waiting. */
export async function closeDead(
  ports: WithWaits,
  { attempt, order, reach, followedAt }: Followed,
): Promise<void> {
  if (reach === 'taken') return void (await settleExpired(ports, attempt));
  const waiting = await settleUntaken(ports, attempt, msSince(ports.clock, followedAt));
  const isNewWait = waiting !== 'alreadyKnown' && order?.waitSinceMs === null;
  if (isNewWait) ports.waits.note(waiting, msSince(ports.clock, followedAt));
}
