/** Requests that are not made, since the API would refuse them. */
export interface Refused {
  readonly untilMs: number;
  readonly reason: string;
}

const RETRY_MS = 2_000;
const MAX_RETRY_MS = 120_000;
/** Kept from quotes for the transaction that a quote leads to. */
const RESERVE = 1;

/**
 * What the API still grants: `x-ratelimit-remaining` until `x-ratelimit-reset`, and nothing before `retry-after` of a
 * 429 has passed (https://dev.jup.ag/docs/api-rate-limit). Each answer replaces what was known.
 */
export class RequestBudget {
  #closedUntilMs = 0;
  #remaining = Number.POSITIVE_INFINITY;
  #resetAtMs = 0;

  /** Takes one request, or says until when there is none to take. */
  take(purpose: 'quote' | 'build', nowMs: number): Refused | null {
    if (nowMs < this.#closedUntilMs) return refused(this.#closedUntilMs, 'it asked to wait');
    if (nowMs >= this.#resetAtMs) this.#remaining = Number.POSITIVE_INFINITY;
    const least = purpose === 'quote' ? RESERVE : 0;
    if (this.#remaining <= least) return refused(this.#resetAtMs, 'its limit of requests is reached');
    this.#remaining -= 1;
    return null;
  }

  learn({ status, headers }: Pick<Response, 'status' | 'headers'>, nowMs: number): void {
    const remaining = wholeNumber(headers.get('x-ratelimit-remaining'));
    const resetSeconds = wholeNumber(headers.get('x-ratelimit-reset'));
    if (remaining !== null && resetSeconds !== null) {
      this.#remaining = remaining;
      this.#resetAtMs = Math.min(resetSeconds * 1_000, nowMs + MAX_RETRY_MS);
    }
    if (status === 429) this.#closedUntilMs = nowMs + retryAfterMs(headers.get('retry-after'), nowMs);
  }
}

/** Seconds, or a date: RFC 9110, section 10.2.3. */
function retryAfterMs(value: string | null, nowMs: number): number {
  const seconds = wholeNumber(value);
  const waitMs = seconds === null ? Date.parse(value ?? '') - nowMs : seconds * 1_000;
  return Number.isNaN(waitMs) ? RETRY_MS : Math.min(Math.max(waitMs, 0), MAX_RETRY_MS);
}

const wholeNumber = (value: string | null): number | null =>
  value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;

const refused = (untilMs: number, reason: string): Refused => ({ untilMs, reason });
