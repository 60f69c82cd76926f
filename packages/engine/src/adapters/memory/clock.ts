import { momentOf } from '../../domain/moment.ts';
import { toEpochMs } from '../../domain/timestamp.ts';
import { type Clock, sleepOn } from '../../ports/clock.ts';

/** Time that stands still until `advance` moves it: sleepers wake in the order of their deadlines. */
export interface ManualClock extends Clock {
  /** Advances the time and wakes every sleeper that is due; a sleeper may sleep again in between. */
  advance(ms: number): Promise<void>;
  /** Sets the time of day, as an operator may do; timers and moments do not change. */
  setNow(epochMs: number): void;
}

interface Timer {
  readonly dueAtMs: number;
  run(): void;
}

export function createManualClock(startMs = 1_750_000_000_000): ManualClock {
  let nowMs = startMs; // Monotonic; `now` differs from it by this offset:
  let setByMs = 0;
  const timers = new Set<Timer>();
  const after: Clock['after'] = (ms, run) => {
    const timer = { dueAtMs: nowMs + ms, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };

  return {
    now: () => toEpochMs(nowMs + setByMs),
    moment: () => momentOf(nowMs),
    setNow(epochMs) {
      setByMs = epochMs - nowMs;
    },
    after,
    sleep: sleepOn(after),
    async advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        await settle();
        const next = [...timers].sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
        if (!next || next.dueAtMs > endMs) break;
        nowMs = Math.max(nowMs, next.dueAtMs);
        timers.delete(next);
        next.run();
      }
      nowMs = endMs;
    },
  };
}

/** Runs everything that is ready, promises and immediates alike. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
