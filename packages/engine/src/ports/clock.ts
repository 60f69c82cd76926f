import { type Moment, msBetween } from '../domain/moment.ts';
import type { EpochMs } from '../domain/timestamp.ts';

/** Time, held still by tests and bent by the simulation. */
export interface Clock {
  /**
   * Epoch milliseconds, for timestamps. The machine's owner may set this clock, forth and back: the difference of two
   * readings is no duration, and it never decides whether a transaction is dead.
   */
  now(): EpochMs;
  /** For durations: it only goes forward, at the pace of `after` and `sleep`. */
  moment(): Moment;
  /** Calls `run` once after `ms`, unless the function that it returns is called before. */
  after(ms: number, run: () => void): () => void;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Sleeping on a clock's timers: nothing is left of the timer or on the signal when it ends. */
export const sleepOn =
  (after: Clock['after']): Clock['sleep'] =>
  (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = (): void => {
        cancel();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const cancel = after(ms, end);
      signal?.addEventListener('abort', end);
    });

/** Milliseconds since a moment of this clock. */
export const msSince = (clock: Pick<Clock, 'moment'>, from: Moment): number =>
  msBetween(from, clock.moment());
