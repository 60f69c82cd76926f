/** Time, held still by tests and bent by the simulation. */
export interface Clock {
  /** Epoch milliseconds. For timestamps and backoff only: it never decides whether a transaction is dead. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
