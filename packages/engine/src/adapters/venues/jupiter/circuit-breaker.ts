import { type Moment, momentAfter, NEVER } from '../../../domain/moment.ts';

const FAILURES_TO_OPEN = 5;
/** A second at most passes between the API's return and the first request that finds it. */
const OPEN_MS = 1_000;

/** Closed: asked freely. Open after five failures in a row: not asked for 1 s. Then one request tries it. */
export class CircuitBreaker {
  #failures = 0;
  #askAgainAt = NEVER;

  /** The moment before which nothing may be asked; null where asking is allowed, which also counts as the try. */
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
