import type { Chain } from '../chain/chain.ts';
import { tokenAmountOf } from '../chain/token-account.ts';
import type { WireTransaction } from '../chain/wire-transaction.ts';
import { kindOf } from '../market/kinds/pool-kinds.ts';
import type { MarketListing } from '../market/listing.ts';
import type { PlacedPool } from '../market/placed-pool.ts';
import type { Faults } from './faults.ts';
import { type Direction, Whale } from './whale.ts';

interface Restoration extends Direction {
  readonly slot: number;
  /** Base units. */
  readonly amountIn: bigint;
}

/** Makes another trader swap before a transaction, in the same pools and directions, and back some slots later. */
export class Drains {
  private readonly chain: Chain;
  private readonly listing: MarketListing;
  private readonly faults: Faults;
  private readonly whale: Whale;
  private restorations: Restoration[] = [];

  constructor(parts: { chain: Chain; listing: MarketListing; faults: Faults; seed: string }) {
    this.chain = parts.chain;
    this.listing = parts.listing;
    this.faults = parts.faults;
    this.whale = new Whale(parts.chain, parts.seed);
  }

  /** The block's transactions, with the trader's swaps before those whose scenario says so. */
  async drainBefore(transactions: readonly WireTransaction[]): Promise<WireTransaction[]> {
    const block = await this.restoreDue();
    if (this.faults.isQuiet) return [...block, ...transactions];
    for (const transaction of transactions) block.push(...(await this.drain(transaction)), transaction);
    return block;
  }

  private async drain(transaction: WireTransaction): Promise<WireTransaction[]> {
    const accounts = new Set(this.chain.executor.accountKeys(transaction.message)?.accounts);
    const named = this.listing.pools.filter(({ address }) => accounts.has(address));
    const order = named.length === 0 ? null : this.faults.drainOf(transaction);
    if (order === null) return [];
    const swaps: WireTransaction[] = [];
    for (const direction of this.directionsOf(transaction, named)) {
      const swap = await this.whale.swapShare(direction, order.percent);
      if (swap === null) continue;
      swaps.push(swap.transaction);
      // Selling the bought amount undoes the swap in every kind of pool, except for fees.
      const slot = this.chain.slot + order.restoreAfterSlots;
      const back = { pool: direction.pool, isZeroForOne: !direction.isZeroForOne };
      this.restorations.push({ ...back, slot, amountIn: swap.amountOut });
    }
    return swaps;
  }

  private async restoreDue(): Promise<WireTransaction[]> {
    const due = this.restorations.filter(({ slot }) => slot <= this.chain.slot);
    if (due.length === 0) return [];
    this.restorations = this.restorations.filter(({ slot }) => slot > this.chain.slot);
    const swaps = await Promise.all(
      due.map((restoration) => this.whale.swapAtMost(restoration, restoration.amountIn)),
    );
    return swaps.flatMap((swap) => swap?.transaction ?? []);
  }

  /** The directions in which a transaction would swap through pools now; pools that it would not change are omitted. */
  private directionsOf(transaction: WireTransaction, pools: readonly PlacedPool[]): Direction[] {
    const accountsAfter = this.chain.vm.simulate(transaction, { verifySignatures: true }).accountsAfter();
    return pools.flatMap((pool) => {
      const [vault] = kindOf(pool).vaults(pool);
      const after = accountsAfter.get(vault);
      const before = tokenAmountOf(this.chain.accounts.read(vault));
      return after === undefined ? [] : [{ pool, isZeroForOne: tokenAmountOf(after) > before }];
    });
  }
}
