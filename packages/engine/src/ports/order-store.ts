import type { Attempt } from '../domain/attempt.ts';
import type { AccountId, Order, OrderId } from '../domain/order.ts';
import type { OrderChange } from '../domain/order-change.ts';
import type { AccountEvent, OrderEvent } from '../domain/order-event.ts';
import type { OrderStatus } from '../domain/order-status.ts';
import type { Signature } from '../domain/signature.ts';
import type { EpochMs } from '../domain/timestamp.ts';
import type { Mint } from '../domain/token.ts';
import type { ReceiptStore } from './receipt-store.ts';

/** Keys under which a client may repeat a submission. */
export interface SubmissionKeys {
  /** From the Idempotency-Key header; null if absent. Unique per account, until its order leaves (`OrderRetention`). */
  readonly idempotencyKey: string | null;
  /** Equal for equal bodies; decides between "same order" and "conflict". */
  readonly fingerprint: string;
}

export type SubmitOutcome =
  /** `position`: of the first event in the account's stream; null if an earlier call had stored the order already. */
  | { readonly outcome: 'created'; readonly position: number | null }
  /** The same key with the same body: nothing was written, except that a new idempotency key is now bound to the order. */
  | { readonly outcome: 'existing'; readonly order: Order }
  /** The same key with another body: nothing was written. */
  | {
      readonly outcome: 'conflict';
      readonly key: 'idempotencyKey' | 'clientOrderId';
      readonly orderId: OrderId;
    };

/** The right to work on one order until the lease runs out or a higher fence exists. */
export interface Claim {
  readonly fence: number;
  readonly order: Order;
  /** The attempt that may be in flight; present exactly when the order is `submitted`. */
  readonly openAttempt: Attempt | null;
}

export type ClaimOutcome =
  | { readonly outcome: 'claimed'; readonly claim: Claim }
  /** Unknown, terminal, leased to another worker, or not due yet: nothing to do now. */
  | { readonly outcome: 'notAvailable' };

/** One atomic change of one order: its events, the row that they fold to, and its attempt. */
export interface Transition extends OrderChange {
  /** The writer's fence; null for facts read from the chain, which need no lease. */
  readonly fence: number | null;
  /**
   * keep     the lease stays as it is
   * release  the lease ends; the order is due again after `wakeAfterMs` (0: at once; at most `LONGEST_REST_MS`)
   */
  readonly lease: { readonly kind: 'keep' } | { readonly kind: 'release'; readonly wakeAfterMs: number };
  /** The writer does not wait for this change, so the store may delay it by some milliseconds to write it with the next one. */
  readonly mayWait?: true;
}

export type TransitionOutcome =
  /** `position`: of the first event in the account's stream; the others follow it. */
  | { readonly outcome: 'committed'; readonly position: number }
  /** The order has changed or the fence is old: nothing was written. */
  | { readonly outcome: 'stale' };

export interface OrderFilter {
  readonly accountId: AccountId;
  readonly statuses?: readonly OrderStatus[];
  readonly mintIn?: Mint;
  readonly mintOut?: Mint;
  readonly clientOrderId?: string;
  /** Only orders that need a review. */
  readonly needsReview?: true;
  /** Only orders created before this one; ids sort by creation. */
  readonly before?: OrderId;
  /** How many of the newest to leave out; none if absent. Costs as much as listing them: pages go by `before`. */
  readonly offset?: number;
  readonly limit: number;
}

/** No lease of an order lasts longer, and no order rests longer unless it is held. Milliseconds. */
export const LONGEST_REST_MS = 30_000;
/**
 * A lease's end or a due time that lies farther ahead was written by a clock that was ahead, and counts as over. The due
 * time of a held order is exempt. Twice the longest rest, since concurrent statements begin at different times.
 */
export const FARTHEST_MS = 2 * LONGEST_REST_MS;

/** How long the sweep leaves a waiting order to the process that released it. */
export const WAITING_REST_MS = 5_000;

/** A confirmed order whose fill was read at commitment `finalized`. */
export interface FinalizedOrder {
  readonly orderId: OrderId;
  readonly signature: Signature;
  readonly slot: bigint;
}

/** The store cannot be reached or cannot answer now. A write may or may not have happened: re-read before repeating. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable';
}

/**
 * The only truth. Every write is one commit; what a method reports as written is durable.
 * Writes of many orders are committed in groups; a caller sees only its own outcome.
 * Any method may reject with `StoreUnavailable`; then the write may or may not have happened, and the caller re-reads
 * before it repeats.
 */
export interface OrderStore extends ReceiptStore {
  /** Stores the order, its first event and its keys together. May be repeated with the same order id and keys. */
  submit(order: Order, events: readonly OrderEvent[], keys: SubmissionKeys): Promise<SubmitOutcome>;

  /**
   * What submitting it again would be answered, where it was submitted before; null if it was not. Stores no order. A
   * submission that is being stored is waited for.
   */
  known(order: Order, keys: SubmissionKeys): Promise<SubmitOutcome | null>;

  get(orderId: OrderId): Promise<Order | undefined>;
  /** Newest first. */
  list(filter: OrderFilter): Promise<readonly Order[]>;
  /** Events after `afterSequence` in order, at most `limit`. Unknown orders have none. */
  events(orderId: OrderId, afterSequence: number, limit: number): Promise<readonly OrderEvent[]>;
  /** All attempts of an order, oldest first. */
  attempts(orderId: OrderId): Promise<readonly Attempt[]>;

  /**
   * Takes the order's lease for `leaseMs`, at most `LONGEST_REST_MS`, by the store's own clock and raises its fence by one, if the order is not
   * terminal, is due, and no live lease exists.
   */
  claim(orderId: OrderId, leaseMs: number): Promise<ClaimOutcome>;

  /**
   * Commits one change, or nothing: `stale` when `expectedSequence` or the fence does not match, or the fence's lease
   * was ended (a lease that only ran out is no obstacle). Recording an attempt also requires that no other attempt of
   * the order is open, that no cancel was requested and that it needs no review.
   * Changes of one order take effect in the order of the calls, without waiting for an earlier one's outcome.
   */
  transition(transition: Transition): Promise<TransitionOutcome>;

  /**
   * Ends the lease without a change, so that the order is due again after `wakeAfterMs`: at most `LONGEST_REST_MS`, or what is
   * left of the time that a held order is held. No-op with an old fence.
   */
  release(orderId: OrderId, fence: number, wakeAfterMs: number): Promise<void>;
  /** Extends leases of orders whose attempts this process observes. Skips orders with a newer fence. */
  renewLeases(
    claims: readonly { readonly orderId: OrderId; readonly fence: number }[],
    leaseMs: number,
  ): Promise<void>;
  /**
   * Orders that are not terminal, are due and have no live lease, oldest due first, and before them those whose due time
   * lies `FARTHEST_MS` ahead although nothing holds them. Those that wait for something that is
   * away are among them when they have been due for `WAITING_REST_MS`: until then the process that put them back looks.
   */
  dueOrders(limit: number): Promise<readonly OrderId[]>;
  /** Landed attempts that are not finalized yet, oldest first. */
  unfinalizedAttempts(limit: number): Promise<readonly Attempt[]>;
  /** Events of the account after `afterPosition` in order, at most `limit`. Unknown accounts have none. */
  accountEvents(accountId: AccountId, afterPosition: number, limit: number): Promise<readonly AccountEvent[]>;
  /** Position of the account's last event; 0 without one. */
  accountPosition(accountId: AccountId): Promise<number>;
  /** Position of the account's last event that has left (`OrderRetention`): its stream is whole only after it. 0 while none has left. */
  departedPosition(accountId: AccountId): Promise<number>;
  /** Whether orders of this one's time have left (`OrderRetention`): then the store knows of an unknown one only that it is not there any more. */
  hasDeparted(orderId: OrderId): Promise<boolean>;
  /** Orders that are `open`, by id from `after` on (null: the first). */
  openOrders(after: OrderId | null, limit: number): Promise<readonly Order[]>;
  /**
   * Orders of the account that began or ceased to rest, or were amended, after `afterPosition` of its stream, in order, at most
   * `limit`. An order may be among them more than once.
   */
  restingChanges(
    accountId: AccountId,
    afterPosition: number,
    limit: number,
  ): Promise<readonly { readonly orderId: OrderId; readonly position: number }[]>;
  /** Orders that are not terminal, by id from `after` on (null: the first). */
  unfinishedOrders(after: OrderId | null, limit: number): Promise<readonly Order[]>;
  /**
   * Finalized orders, the last created first, at most `limit`: those whose transaction is an attempt. One that only a person
   * named is not asked for on the chain.
   */
  newestFinalized(limit: number): Promise<readonly FinalizedOrder[]>;
  /** Of transactions, by the orders that they name: signatures of those whose order it has and that are neither an attempt of it nor the transaction that it names. */
  missingAttempts(
    listed: readonly { readonly orderId: OrderId; readonly signature: Signature }[],
  ): Promise<readonly string[]>;
  /** The newest slot in which an attempt was signed that was recorded before this moment; null if there is none. */
  newestSigningSlot(beforeMs: EpochMs): Promise<bigint | null>;
  /** For a store with one process only: at the start no other process can hold a lease. */
  voidLeases(): Promise<void>;

  /** Resolves if the store accepts writes: it accepted one within the last second, or does now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
