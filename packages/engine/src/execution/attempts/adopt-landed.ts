import { recordedAgoMs } from '../../domain/attempt.ts';
import { type AttemptWatch, notSent } from './attempt-watch.ts';

const UNFINALIZED_AT_ONCE = 100_000;
/** A block is final about 13 s after it was made, so the process that watches an attempt has seen it final by then. */
export const ADOPT_AFTER_MS = 60_000;

/** Adopts landed attempts that no other process watches until they are final: those recorded at least `minAgeMs` ago. */
export async function adoptLanded({ ports, landed }: AttemptWatch, minAgeMs: number): Promise<void> {
  const { clock, orders } = ports;
  for (const attempt of await orders.unfinalizedAttempts(UNFINALIZED_AT_ONCE))
    if (recordedAgoMs(attempt, clock.now()) >= minAgeMs && !landed.has(attempt.signature))
      landed.set(attempt.signature, { attempt, order: undefined, fence: 0, ...notSent(clock.moment()) });
}
