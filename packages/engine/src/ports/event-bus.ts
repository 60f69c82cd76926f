import type { AccountId, OrderId } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';

/** Events of one account that one commit wrote. */
export interface Publication {
  readonly accountId: AccountId;
  /** Of the first event in the account's stream; the others follow it. */
  readonly position: number;
  readonly events: readonly OrderEvent[];
}

/**
 * Carries committed events to listeners in this process and in others. The bus is no source of truth: an event may be late,
 * doubled or missing, so a listener orders by `sequence` or `position` and reads missing events from the log.
 */
export interface EventBus {
  /** Hands over events that are already committed. Returns at once and never throws. */
  publish(publication: Publication): void;
  /**
   * Calls `listener` for each later event of the order, in publication order. The listener must not throw.
   * @returns Ends the subscription; may be repeated.
   */
  subscribe(orderId: OrderId, listener: (event: OrderEvent) => void): () => void;
  /** Calls `listener` for each later publication of the account. Otherwise as `subscribe`. */
  subscribeToAccount(accountId: AccountId, listener: (publication: Publication) => void): () => void;
}
