/**
 * Which processes share a piece of work. A lease only saves work and protects nothing: two processes may both believe for a
 * moment that a part is theirs.
 */
export interface ProcessShares {
  /**
   * Counts `holder` among those that share the work, for `leaseMs`.
   * @returns All holders whose lease has not ended, sorted. Rejects if the store cannot be reached.
   */
  renew(holder: string, leaseMs: number): Promise<readonly string[]>;
  /** Ends the lease at once, so that the others can take over without waiting. */
  release(holder: string): Promise<void>;
}
