import type { OrderId } from '../domain/order.ts';

/** At most `starts` in any time of `windowMs`, however they lie in it: all of them may start at once. */
export interface StartLimit {
  readonly starts: number;
  readonly windowMs: number;
}

/**
 * Wakes workers. It carries order ids only and may lose or repeat any of them: the store decides what is due
 * (`OrderStore.claim`) and the sweep re-wakes what was lost.
 */
export interface WorkQueue {
  /** Asks for a run of the order, now or after `delayMs`. Doubled wakes of a waiting order may merge. Never throws. */
  wake(orderId: OrderId, delayMs?: number): void;
  /**
   * Starts calling `handler`, at most `concurrency` at once and within the `startLimit` (null: no limit). Every
   * run that may start does so at once: starts are never spaced. The queue logs a rejected handler and does not repeat it.
   */
  start(handler: (orderId: OrderId) => Promise<void>): void;
  /** Starts nothing more and waits for running handlers. */
  stop(): Promise<void>;
}
