import { type Moment, momentAfter, NEVER } from '../../../domain/moment.ts';

const FAILURES_TO_OPEN = 5;
/** After the API's return the first request finds it within a second. */
const OPEN_MS = 1_000;

/**
 * Closed: every request is allowed. Open after five failures in a row: no request for 1 s. Then one request tries the
 * API.
 */
export class CircuitBreaker {
  #failures = 0;
  #askAgainAt = NEVER;

  /** The moment before which no request is allowed; null if a request is allowed, which then counts as the try. */
  openUntil(now: Moment): Moment | null {
    if (this.#failures < FAILURES_TO_OPEN) return null;
    if (now < this.#askAgainAt) return this.#askAgainAt;
    this.#askAgainAt = momentAfter(now, OPEN_MS);
    return null;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(now: Moment): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_TO_OPEN) this.#askAgainAt = momentAfter(now, OPEN_MS);
  }
}
