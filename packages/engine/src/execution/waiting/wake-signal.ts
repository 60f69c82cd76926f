import type { Clock } from '../../ports/clock.ts';

/** Wakes one waiting loop. A ring while nobody waits is remembered. */
export interface Bell {
  ring(): void;
  /** True if it rang, false after `ms` of silence, if given, or when the signal aborted. */
  wait(ms?: number): Promise<boolean>;
}

/** @param signal Ends every wait. It keeps the bell for as long as it lives. */
export function createBell(clock: Clock, signal: AbortSignal): Bell {
  let rung = false;
  let stopWaiting = nobodyWaits;
  // Once for all waits: adding and removing a listener costs more than a wait.
  signal.addEventListener('abort', () => stopWaiting(), { once: true });

  const silence = (ms: number | undefined): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        cancel?.();
        stopWaiting = nobodyWaits;
        resolve();
      };
      const cancel = ms === undefined ? undefined : clock.after(ms, end);
      stopWaiting = end;
    });

  return {
    ring() {
      rung = true;
      stopWaiting();
    },
    async wait(ms) {
      if (!rung && !signal.aborted) await silence(ms);
      const answer = rung;
      rung = false;
      return answer;
    },
  };
}

const nobodyWaits = (): void => {};
