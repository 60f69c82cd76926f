import type { Clock } from '../../ports/clock.ts';

/** Wakes one waiting loop. A wake before the wait is remembered and ends the next wait at once. */
export interface WakeSignal {
  wake(): void;
  /** True if `wake` was called, false after `ms` without a wake, if given, or when the abort signal fired. */
  wait(ms?: number): Promise<boolean>;
}

/** @param signal Ends every wait. Its listener keeps the wake signal alive as long as it lives itself. */
export function createWakeSignal(clock: Clock, signal: AbortSignal): WakeSignal {
  let isWoken = false;
  let stopWaiting = notWaiting;
  // One listener for all waits: adding and removing a listener costs more than a wait.
  signal.addEventListener('abort', () => stopWaiting(), { once: true });

  const pause = (ms: number | undefined): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        cancel?.();
        stopWaiting = notWaiting;
        resolve();
      };
      const cancel = ms === undefined ? undefined : clock.after(ms, end);
      stopWaiting = end;
    });

  return {
    wake() {
      isWoken = true;
      stopWaiting();
    },
    async wait(ms) {
      if (!isWoken && !signal.aborted) await pause(ms);
      const answer = isWoken;
      isWoken = false;
      return answer;
    },
  };
}

const notWaiting = (): void => {};
