import { type Pool, SwapRefused, spotRate } from '@oee/amm';
import type { MarketState } from './pool-state.ts';

interface Observation {
  readonly slot: bigint;
  /** Base units of token 1 per base unit of token 0. */
  readonly price: number;
}

/** About a minute of mainnet's slots. */
const WINDOW_SLOTS = 150n;
const MAX_OBSERVATIONS = 64;
/** Minimum number of prices for a standard deviation. */
const LEAST_OBSERVATIONS = 8;

/** Recent price movements of pools. Floats: they decide a tolerance, never an amount. */
export class PriceHistory {
  readonly #prices = new Map<string, Observation[]>();

  /**
   * Notes the prices of a slot; a slot that was noted already is left as it is. What was read last counts: prices of later
   * slots than that were of slots that the chain has not reached, or has lost.
   */
  observe({ slot, clock, pools }: MarketState): void {
    for (const { address, pool } of pools) {
      const known = this.#prices.get(address) ?? [];
      if (known.some((one) => one.slot === slot)) continue;
      const price = priceOf(pool, clock);
      if (price === null) continue;
      const recent = known
        .filter((one) => one.slot < slot && one.slot + WINDOW_SLOTS >= slot)
        .slice(1 - MAX_OBSERVATIONS);
      this.#prices.set(address, [...recent, { slot, price }]);
    }
  }

  /** Standard deviation of the price over one slot, basis points; null where too little is known. */
  movePerSlotBps(pool: string): number | null {
    const prices = this.#prices.get(pool) ?? [];
    if (prices.length < LEAST_OBSERVATIONS) return null;
    let squares = 0;
    for (const [index, { price }] of prices.entries()) {
      const before = prices[index - 1];
      if (before) squares += Math.log(price / before.price) ** 2;
    }
    const slots = Number((prices.at(-1)?.slot ?? 0n) - (prices[0]?.slot ?? 0n));
    return Math.sqrt(squares / slots) * 10_000;
  }
}

function priceOf(pool: Pool, clock: MarketState['clock']): number | null {
  try {
    const { numerator, denominator } = spotRate(pool, { inputIndex: 0, clock });
    return Number(numerator) / Number(denominator);
  } catch (error) {
    if (error instanceof SwapRefused) return null; // Nothing to trade, so no price.
    throw error;
  }
}
