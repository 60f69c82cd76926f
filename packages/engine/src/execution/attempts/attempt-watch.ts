import { type Moment, NEVER } from '../../domain/moment.ts';
import type { OrderId } from '../../domain/order.ts';
import type { Signature } from '../../domain/signature.ts';
import type { StoredReceipt } from '../../ports/receipt-store.ts';
import type { WithRehearsals } from '../building/rehearsals.ts';
import type { WithRememberedOrders } from '../proofs/remembered-orders.ts';
import type { WithWaits } from '../waiting/wait-times.ts';
import { WatchList } from '../waiting/watch-list.ts';
import type { Followed } from './followed-attempt.ts';

export type ObserverPorts = WithRehearsals & WithRememberedOrders & WithWaits;

/**
 * The recorded attempts that this process watches, by signature, each in one of two stages:
 *
 * | stage  | enters                                                    | leaves                                        |
 * |--------|-----------------------------------------------------------|-----------------------------------------------|
 * | open   | recorded here, claimed by a restart, reopened by a fork    | landed; reverted; expired; blocked by a cancel |
 * | landed | confirmed here, adopted from a process that no longer runs | finalized; dropped by a fork, to open          |
 *
 * Each of the observer's questions reads these lists and may move an attempt between them. None of them is the truth: the
 * store is, and whatever is lost here is found again by a claim or by adoption.
 */
export interface AttemptWatch {
  readonly ports: ObserverPorts;
  readonly open: WatchList<Signature, Followed>;
  readonly landed: WatchList<Signature, Followed>;
  /** Signatures whose settlement is being written; the next poll skips them. */
  readonly settling: Set<Signature>;
  /** Receipts of the orders whose cancel was requested, by order; their swaps are not sent again. */
  blocking: ReadonlyMap<OrderId, StoredReceipt>;
}

export const createAttemptWatch = (ports: ObserverPorts): AttemptWatch => ({
  ports,
  open: new WatchList(),
  landed: new WatchList(),
  settling: new Set(),
  blocking: new Map(),
});

/** The start of a stage in which this process has sent nothing for the attempt yet. */
export const notSent = (now: Moment): Pick<Followed, 'followedAt' | 'sentAt' | 'shownAt' | 'reach'> => ({
  followedAt: now,
  sentAt: NEVER,
  shownAt: NEVER,
  reach: 'taken',
});
