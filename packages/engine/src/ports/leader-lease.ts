/**
 * Decides which of several processes does a piece of work. A lease saves work and protects nothing: by its holder's
 * clock it may seem to last a moment longer than it does.
 */
export interface LeaderLease {
  /**
   * Takes the lease for `leaseMs`, or prolongs it, unless somebody else holds it. One that would last more than twice as long
   * as the one that is asked for is nobody's: a clock that was ahead wrote its end.
   * @returns Whether `holder` holds it now. Rejects if the store cannot be reached.
   */
  acquire(holder: string, leaseMs: number): Promise<boolean>;
  /** Ends the lease at once if `holder` has it, so that nobody has to wait for its end. */
  release(holder: string): Promise<void>;
}
