import { type Moment, momentAfter, NEVER } from '../../../domain/moment.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { HttpAnswer } from '../../../ports/http-client.ts';

/** A request that is not sent, since the API would refuse it. */
export interface Refused {
  readonly until: Moment;
  readonly reason: string;
}

const RETRY_MS = 2_000;
const MAX_RETRY_MS = 120_000;
/** Requests that quotes must leave for the transaction of a quote. */
const RESERVE = 1;

/**
 * The requests that the API still allows: `x-ratelimit-remaining` until `x-ratelimit-reset`, and none before
 * `retry-after` of a 429 has passed (https://dev.jup.ag/docs/api-rate-limit). Each answer replaces the earlier values.
 */
export class RequestBudget {
  #closedUntil = NEVER;
  #remaining = Number.POSITIVE_INFINITY;
  #resetAt = NEVER;

  /** Takes one request, or returns until when there is none. */
  take(purpose: 'quote' | 'build', now: Moment): Refused | null {
    if (now < this.#closedUntil) return refused(this.#closedUntil, 'it asked to wait');
    if (now >= this.#resetAt) this.#remaining = Number.POSITIVE_INFINITY;
    const least = purpose === 'quote' ? RESERVE : 0;
    if (this.#remaining <= least) return refused(this.#resetAt, 'its limit of requests is reached');
    this.#remaining -= 1;
    return null;
  }

  learn(
    { status, header }: Pick<HttpAnswer, 'status' | 'header'>,
    clock: Pick<Clock, 'now' | 'moment'>,
  ): void {
    const inMs = (ms: number): Moment => momentAfter(clock.moment(), Math.min(ms, MAX_RETRY_MS));
    const remaining = wholeNumber(header('x-ratelimit-remaining'));
    const resetSeconds = wholeNumber(header('x-ratelimit-reset'));
    if (remaining !== null && resetSeconds !== null) {
      this.#remaining = remaining;
      this.#resetAt = inMs(resetSeconds * 1_000 - clock.now());
    }
    if (status === 429) this.#closedUntil = inMs(retryAfterMs(header('retry-after'), clock.now()));
  }
}

/** Seconds, or a date: RFC 9110, section 10.2.3. */
function retryAfterMs(value: string | null, nowMs: number): number {
  const seconds = wholeNumber(value);
  const waitMs = seconds === null ? Date.parse(value ?? '') - nowMs : seconds * 1_000;
  return Number.isNaN(waitMs) ? RETRY_MS : Math.max(waitMs, 0);
}

const wholeNumber = (value: string | null): number | null =>
  value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;

const refused = (until: Moment, reason: string): Refused => ({ until, reason });
