import type { Clock } from '../../ports/clock.ts';

/** Time that stands still until `advance` moves it: sleepers wake in the order of their deadlines. */
export interface ManualClock extends Clock {
  /** Moves time on and wakes whoever is due, giving each the chance to go to sleep again on the way. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly wakeAtMs: number;
  wake(): void;
}

export function createManualClock(startMs = 1_750_000_000_000): ManualClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();

  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { wakeAtMs: nowMs + ms, wake };
        function wake(): void {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        }
        signal?.addEventListener('abort', wake);
        sleepers.add(sleeper);
      }),
    async advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        await settle();
        const next = [...sleepers].sort((a, b) => a.wakeAtMs - b.wakeAtMs)[0];
        if (!next || next.wakeAtMs > endMs) break;
        nowMs = Math.max(nowMs, next.wakeAtMs);
        next.wake();
      }
      nowMs = endMs;
    },
  };
}

/** Lets everything run that is ready, promises and immediates alike. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
