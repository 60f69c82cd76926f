import type { EpochMs } from '../domain/timestamp.ts';

/** Orders that left together. */
export interface DepartedOrders {
  readonly orders: number;
}

/**
 * Removes old orders, with their events, attempts and keys. Orders leave by windows of the time of their acceptance, so that the
 * store gives back their space at once. A window leaves as a whole or not at all: when it ended before the retention begins, every
 * order in it is over, final if it was confirmed, and without a receipt, and its newest event is older than the retention. One order
 * that is open keeps the others of its window.
 */
export interface OrderRetention {
  /**
   * Begins the next window ahead of time and removes those that may leave. May be repeated, also by several processes at once.
   *
   * @param days How long orders are kept at least, 1 or more. Windows are a quarter of it, one day or more.
   * @param now Of this process: a store whose own clock is behind keeps orders longer.
   * @returns What left, without windows that were empty. Rejects if the store cannot be reached, or if others use it so much that nothing may be removed now.
   */
  removeOld(days: number, now: EpochMs): Promise<readonly DepartedOrders[]>;

  /**
   * Gives back the space of signed transactions whose order can change no more: nothing sends or reads them again. May be repeated, also by several
   * processes at once. A store that keeps them has nothing to do. Rejects like `removeOld`.
   */
  forgetTransactions(): Promise<void>;
}

const DAY_MS = 86_400_000;
const WINDOWS = 4;

/** The duration of a window, whole days in milliseconds. */
export const windowMs = (days: number): number => Math.ceil(days / WINDOWS) * DAY_MS;

/**
 * When the window ends that is begun now: at the end of a window by the calendar, half a window ahead or more, so that no order is
 * accepted in a window that is not begun.
 */
export const windowEnd = (days: number, now: EpochMs): number => {
  const width = windowMs(days);
  return Math.ceil((now + width / 2) / width) * width;
};

/** Before this moment lies what may leave. */
export const retainedFrom = (days: number, now: EpochMs): number => now - days * DAY_MS;

/** How the ids of orders begin that are accepted at this moment: less than each of them, and more than every earlier one. */
export function firstIdAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
