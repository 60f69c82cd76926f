import type { Clock } from '../ports/clock.ts';

/** Wakes one waiting loop. A ring while nobody waits is remembered. */
export interface Bell {
  ring(): void;
  /** True if it rang, false after `ms` of silence or when the signal aborted. */
  wait(ms: number): Promise<boolean>;
}

export function createBell(clock: Clock, signal: AbortSignal): Bell {
  let rung = false;
  let stopWaiting: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      stopWaiting?.();
    },
    async wait(ms) {
      if (!rung && !signal.aborted) {
        const silence = new AbortController();
        stopWaiting = () => silence.abort('rung'); // A reason of one's own spares the making of an exception.
        signal.addEventListener('abort', stopWaiting, { once: true });
        await clock.sleep(ms, silence.signal);
        signal.removeEventListener('abort', stopWaiting);
        stopWaiting = undefined;
      }
      const answer = rung;
      rung = false;
      return answer;
    },
  };
}
