import type { Moment } from '../domain/moment.ts';

/** Raw accounts of one slot, read together. */
export interface AccountSnapshot {
  readonly slot: bigint;
  /** When the read began. */
  readonly readAt: Moment;
  /** Undefined if the account does not exist. */
  data(address: string): Uint8Array | undefined;
}

/** The watched accounts, read at the start of every slot for any number of quotes. */
export interface AccountFeed {
  /** Adds accounts to every later snapshot. */
  watch(addresses: readonly string[]): void;
  /** Leaves accounts out of every later snapshot. */
  unwatch(addresses: readonly string[]): void;
  /**
   * The newest snapshot: at most one slot behind the newest announced one, and at once where there is such a one.
   * @throws {ChainUnavailable} No snapshot is that fresh and none can be read.
   */
  snapshot(): Promise<AccountSnapshot>;
}
