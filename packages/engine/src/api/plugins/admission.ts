import type { FastifyReply } from 'fastify';
import { type Moment, msBetween } from '../../domain/moment.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { ProblemError } from '../problems.ts';

export interface AdmissionOptions {
  /** Orders of which nothing is signed yet that there may be. */
  readonly maxBacklog: number;
  /** How many there are, counted up to `most`. */
  readonly countWaiting: (most: number) => Promise<number>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Lets a submission in, or refuses it before anything of it is stored. */
export interface Admission {
  /** @throws {ProblemError} `too_busy`, with when to come back. */
  admit<T>(reply: FastifyReply, submit: () => Promise<T>): Promise<T>;
}

/** A count is asked for again after this long, when somebody submits. */
const COUNT_EVERY_MS = 250;
const LONGEST_RETRY_SECONDS = 30;

/**
 * Refuses submissions while there are as many orders of which nothing is signed as there may be. Those that are being stored
 * in this process count too, and what it accepted since the last count. Each answer says how many more may come (`RateLimit`), of the IETF's draft.
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
      if (isOld()) void count();
      // Only a refusal has to be right: an old count may be of a crowd that has long been served.
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
    acceptedSince = 0; // What is accepted meanwhile may be counted twice, for a quarter of a second.
    waiting = before.waiting;
    const now = await countWaiting(maxBacklog + 1);
    countedAt = clock.moment();
    const seconds = before.at === undefined ? 0 : msBetween(before.at, countedAt) / 1_000;
    if (seconds > 0) startedPerSecond = Math.max(0, before.waiting - now) / seconds;
    waiting = now;
  }

  /** Half of the backlog should be gone before everybody comes back. */
  function refuse(reply: FastifyReply): ProblemError {
    const seconds = startedPerSecond > 0 ? Math.ceil(maxBacklog / 2 / startedPerSecond) : 1;
    const retryAfter = Math.min(Math.max(seconds, 1), LONGEST_RETRY_SECONDS);
    reply.header('ratelimit', `"backlog";r=0;t=${retryAfter}`).header('retry-after', String(retryAfter));
    return new ProblemError('too_busy', {
      detail: `Of ${maxBacklog} orders nothing is signed yet; nothing of this one was stored.`,
    });
  }
}
