import type { OrderEvent } from '../domain/order-event.ts';

/**
 * Carries committed events to whoever listens, in this process and in the others. A courier, never the truth: an event
 * may be late, doubled or missing here, so a listener orders by `sequence` and reads the log where one is missing.
 */
export interface EventBus {
  /** Hands over events that are already committed. Returns at once and never throws. */
  publish(events: readonly OrderEvent[]): void;
  /**
   * Calls `listener` for each later event of the order, in publication order. The listener must not throw.
   * @returns Ends the subscription; may be repeated.
   */
  subscribe(orderId: string, listener: (event: OrderEvent) => void): () => void;
  /** Calls `listener` for whatever is published, of any order. Otherwise as `subscribe`. */
  subscribeToAll(listener: (events: readonly OrderEvent[]) => void): () => void;
  /** Says that the account's stream reaches to `position` now, by a commit. Returns at once and never throws. */
  publishPosition(accountId: string, position: number): void;
  /** Calls `listener` with each later end of the account's stream. Otherwise as `subscribe`. */
  subscribeToPosition(accountId: string, listener: (position: number) => void): () => void;
}
