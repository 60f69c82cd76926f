import { type Moment, momentAfter } from '../../domain/moment.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import type { StartLimit } from '../../ports/work-queue.ts';

/** Counts starts in the window that ends now. */
export interface StartWindow {
  /** Counts a start and returns 0, or returns the milliseconds until the next start is free. */
  take(): number;
  /** Counts a start that happened elsewhere, now or `agoMs` ago, whether or not one is free. Oldest first. */
  note(agoMs?: number): void;
}

/** A sliding window: starts may happen at once while some are free in it, and never exceed the limit in any window. */
export function createStartWindow(clock: Clock, limit: StartLimit | null): StartWindow {
  if (limit === null) return { take: () => 0, note: () => {} };
  const { starts, windowMs } = limit;
  // The starts of the window, oldest first, from index `first` on; those before `first` have left the window.
  let counted: Moment[] = [];
  let first = 0;

  function forget(): void {
    while (first < counted.length && msSince(clock, counted[first]!) >= windowMs) first += 1;
    if (first * 2 < counted.length) return;
    counted = counted.slice(first);
    first = 0;
  }

  return {
    take() {
      forget();
      const count = counted.length - first;
      if (count >= starts)
        return Math.max(1, Math.ceil(windowMs - msSince(clock, counted[counted.length - starts]!)));
      counted.push(clock.moment());
      return 0;
    },
    note(agoMs = 0) {
      forget();
      counted.push(momentAfter(clock.moment(), -agoMs));
    },
  };
}
