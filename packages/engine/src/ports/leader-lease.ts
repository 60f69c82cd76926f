/**
 * Decides which of several processes does a piece of work. A lease only saves work and protects nothing: by its holder's
 * clock it may seem to last a little longer than it does.
 */
export interface LeaderLease {
  /**
   * Takes or extends the lease for `leaseMs`, unless another holder has it. A lease that would last more than twice
   * `leaseMs` counts as ended: a clock that was ahead wrote its end.
   * @returns Whether `holder` holds it now. Rejects if the store cannot be reached.
   */
  acquire(holder: string, leaseMs: number): Promise<boolean>;
  /** Ends the lease at once if `holder` has it, so that another process can take it without waiting. */
  release(holder: string): Promise<void>;
}
