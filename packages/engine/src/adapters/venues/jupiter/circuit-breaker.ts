import { type Moment, momentAfter, NEVER } from '../../../domain/moment.ts';

const FAILURES_TO_OPEN = 5;
const OPEN_MS = 10_000;

/** Closed: asked freely. Open after five failures in a row: not asked for 10 s. Then one request tries it. */
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
