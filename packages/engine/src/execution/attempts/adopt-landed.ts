import { recordedAgoMs } from '../../domain/attempt.ts';
import { type AttemptWatch, notSent } from './attempt-watch.ts';

const UNFINALIZED_AT_ONCE = 100_000;
/** Blocks are final some 13 s after they were made; the process that watches an attempt has seen it by then. */
export const ADOPT_AFTER_MS = 60_000;

/** Which landed attempts does no process watch to their end? Those recorded `minAgeMs` ago or earlier are taken up here. */
export async function adoptLanded({ ports, landed }: AttemptWatch, minAgeMs: number): Promise<void> {
  const { clock, orders } = ports;
  for (const attempt of await orders.unfinalizedAttempts(UNFINALIZED_AT_ONCE))
    if (recordedAgoMs(attempt, clock.now()) >= minAgeMs && !landed.has(attempt.signature))
      landed.set(attempt.signature, { attempt, order: undefined, fence: 0, ...notSent(clock.moment()) });
}
