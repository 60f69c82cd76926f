import type { FastifyReply } from 'fastify';
import { type Moment, msBetween } from '../../domain/moment.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { ProblemError } from '../problems.ts';

export interface AdmissionOptions {
  /** Maximum number of orders without a signed transaction. */
  readonly maxBacklog: number;
  /** The current number of them, counted up to `most`. */
  readonly countWaiting: (most: number) => Promise<number>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Admits a submission, or refuses it before anything is stored. */
export interface Admission {
  /** @throws {ProblemError} `too_busy`, with the time to retry after. */
  admit<T>(reply: FastifyReply, submit: () => Promise<T>): Promise<T>;
}

/** Maximum age of the count when a submission arrives. */
const COUNT_EVERY_MS = 250;
const LONGEST_RETRY_SECONDS = 30;

/**
 * Refuses submissions while the backlog, the number of orders without a signed transaction, is full. Orders that this process
 * is storing, or has accepted since the last count, count too. Each answer has the remaining capacity in `RateLimit` (IETF draft).
 */
export function createAdmission({ maxBacklog, countWaiting, clock, log }: AdmissionOptions): Admission {
  let waiting = 0;
  let acceptedSince = 0;
  let inHand = 0;
  let countedAt: Moment | undefined;
  let startedPerSecond = 0;
  let counting: Promise<void> | undefined;
  const policy = `"backlog";q=${maxBacklog}`;

  return {
    async admit(reply, submit) {
      // Only a refusal needs a fresh count: an old one may be of a backlog that has been worked off.
      if (load() >= maxBacklog && isOld()) await count();
      reply.header('ratelimit-policy', policy);
      if (load() >= maxBacklog) throw refuse(reply);
      inHand += 1;
      try {
        reply.header('ratelimit', `"backlog";r=${Math.max(0, maxBacklog - load())}`);
        const result = await submit();
        acceptedSince += 1;
        return result;
      } finally {
        inHand -= 1;
        if (isOld()) void count(); // Afterwards, because the store would answer it before it writes the order.
      }
    },
  };

  function load(): number {
    return waiting + acceptedSince + inHand;
  }

  function isOld(): boolean {
    return countedAt === undefined || msSince(clock, countedAt) >= COUNT_EVERY_MS;
  }

  function count(): Promise<void> {
    counting ??= countNow()
      .catch((error: unknown) => log.warn({ error }, 'backlog count failed'))
      .finally(() => {
        counting = undefined;
      });
    return counting;
  }

  async function countNow(): Promise<void> {
    const before = { waiting: waiting + acceptedSince, at: countedAt };
    acceptedSince = 0; // Orders accepted during the count may be counted twice, for a quarter of a second.
    waiting = before.waiting;
    const now = await countWaiting(maxBacklog + 1);
    countedAt = clock.moment();
    const seconds = before.at === undefined ? 0 : msBetween(before.at, countedAt) / 1_000;
    if (seconds > 0) startedPerSecond = Math.max(0, before.waiting - now) / seconds;
    waiting = now;
  }

  /** Half of the backlog should be gone before clients retry. */
  function refuse(reply: FastifyReply): ProblemError {
    const seconds = startedPerSecond > 0 ? Math.ceil(maxBacklog / 2 / startedPerSecond) : 1;
    const retryAfter = Math.min(Math.max(seconds, 1), LONGEST_RETRY_SECONDS);
    reply.header('ratelimit', `"backlog";r=0;t=${retryAfter}`).header('retry-after', String(retryAfter));
    return new ProblemError('too_busy', {
      detail: `The backlog has ${maxBacklog} orders without a signed transaction. This order was not stored.`,
    });
  }
}
