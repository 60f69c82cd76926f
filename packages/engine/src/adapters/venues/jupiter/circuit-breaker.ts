const FAILURES_TO_OPEN = 5;
const OPEN_MS = 10_000;

/** Closed: asked freely. Open after five failures in a row: not asked for 10 s. Then one request tries it. */
export class CircuitBreaker {
  #failures = 0;
  #askAgainAtMs = 0;

  /** Epoch milliseconds before which nothing may be asked; null where asking is allowed, which also counts as the try. */
  openUntil(nowMs: number): number | null {
    if (this.#failures < FAILURES_TO_OPEN) return null;
    if (nowMs < this.#askAgainAtMs) return this.#askAgainAtMs;
    this.#askAgainAtMs = nowMs + OPEN_MS;
    return null;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(nowMs: number): void {
    this.#failures += 1;
    if (this.#failures >= FAILURES_TO_OPEN) this.#askAgainAtMs = nowMs + OPEN_MS;
  }
}
