import type { Pool } from '@oee/amm';
import type { SwapInstruction } from '../../pools/swap-instruction.ts';
import type { NewPool, PoolSide } from '../new-pool.ts';
import type { PlacedPool } from '../placed-pool.ts';
import type { MarketPool } from '../pools.ts';

export type KindName = PlacedPool['kind'];
export type PlacedOf<Name extends KindName> = Extract<PlacedPool, { kind: Name }>;
export type ConfiguredOf<Name extends KindName> = Extract<MarketPool, { kind: Name }>;

/** The data of an account, or null. */
export type ReadAccount = (address: string) => Uint8Array | null;

/** A pool in a trader's view: near its price every pool looks like x * y = k. Base units. */
export interface PoolView {
  readonly reserve0: bigint;
  readonly reserve1: bigint;
}

/** A swap of exactly `amountIn` for at least `minAmountOut`, base units. */
export interface PoolSwap<Placed extends PlacedPool = PlacedPool> {
  readonly pool: Placed;
  readonly isZeroForOne: boolean;
  readonly payer: string;
  readonly userIn: string;
  readonly userOut: string;
  readonly amountIn: bigint;
  readonly minAmountOut: bigint;
}

/**
 * Everything about one kind of pool besides its program: its layout at genesis, its view for traders, its swaps, and
 * its reader for the swap API. A new kind is one such object, listed in pool-kinds.ts.
 */
export interface PoolKind<Name extends KindName = KindName> {
  /** Its program's address. */
  readonly program: string;
  /** Its name in a route plan of Jupiter. */
  readonly label: string;
  /**
   * Maximum size of a leg in a transaction: accounts that no other leg names, and bytes, including its token account.
   */
  readonly legCost: { readonly accounts: number; readonly bytes: number };
  /** The accounts of a new pool with these sides at its start price. */
  layOut(pool: ConfiguredOf<Name>, base: PoolSide, quote: PoolSide): Promise<NewPool>;
  /** @param state The data of the pool's own account. @returns Null when an account is missing. */
  view(pool: PlacedOf<Name>, state: Uint8Array, account: ReadAccount): PoolView | null;
  /** The pool's own instruction. */
  swap(swap: PoolSwap<PlacedOf<Name>>): SwapInstruction;
  /** The vaults, that of `mint0` first. */
  vaults(pool: PlacedOf<Name>): readonly [string, string];
  /** The pool for the exact mathematics. @returns Null when an account that a swap names is missing. */
  read(pool: PlacedOf<Name>, state: Uint8Array, account: ReadAccount): Pool | null;
  /** Present if the admin API can launch pools of this kind and move them to another kind. */
  readonly launch?: LaunchableKind;
}

/** When swaps of a launched pool begin: at once, or with a later slot and its expected time. */
export type Opening = { readonly slot: number; readonly timeSeconds: number } | null;

export interface LaunchableKind {
  /** The kind that its liquidity moves to. */
  readonly movesTo: KindName;
  /**
   * @param how.rangePercent How far the price can fall, and rise in proportion, in percent; 100 for the widest range.
   */
  open(
    sides: { base: PoolSide; quote: PoolSide },
    how: { rangePercent: number; opens: Opening },
  ): Promise<NewPool>;
  /**
   * The amounts of both tokens at the pool's price; the surplus of one token in a narrow range stays in the old pool.
   */
  movable(state: Uint8Array, view: PoolView): readonly [bigint, bigint];
  /** The byte of the pool's account and the bits in it that refuse swaps. */
  readonly closedFlag: { readonly offset: number; readonly bits: number };
}
