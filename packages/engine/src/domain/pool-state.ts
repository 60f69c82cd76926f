import type { LegCost, Pool, SysvarClock, TransferFee } from '@oee/amm';
import type { Moment } from './moment.ts';
import type { Token } from './token.ts';

/** A pool with everything that its program needs to price a swap, as one slot shows it. */
export interface PoolState {
  readonly venue: string;
  readonly address: string;
  readonly kind: string;
  /** In the pool's own order, as are the vaults and the fees. */
  readonly tokens: readonly [Token, Token];
  readonly vaults: readonly [string, string];
  /** The same object as long as the accounts do not change. */
  readonly pool: Pool;
  readonly transferFees: readonly [TransferFee | null, TransferFee | null];
  /** What a swap through it adds to a transaction that already holds what all swaps need. */
  readonly cost: LegCost;
}

/** The pools of one venue, read together. Those that cannot be read now are left out. */
export interface MarketState {
  readonly slot: bigint;
  /** When the accounts were read; absent where they are not read. */
  readonly readAt?: Moment;
  /** The chain's own time at that slot. */
  readonly clock: SysvarClock;
  readonly pools: readonly PoolState[];
}
