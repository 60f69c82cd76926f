import type { Moment } from '../../domain/moment.ts';
import { inverse, type Price } from '../../domain/price.ts';
import type { Token } from '../../domain/token.ts';
import { msSince } from '../../ports/clock.ts';
import type { WithMarket } from './market-watch.ts';

export interface Pair {
  readonly tokenIn: Token;
  readonly tokenOut: Token;
}

/**
 * The price of a pair at zero size over the engine's own pools, after their fees: base units of tokenOut per base unit of
 * tokenIn, as exact fractions that may have common factors. Null where no path leads in that direction now.
 */
export interface PairPrice {
  /** What one tokenIn brings when it is sold. */
  readonly sell: Price | null;
  /** What one tokenIn costs when it is bought. */
  readonly buy: Price | null;
  /** The mean of both; null where one is missing. */
  readonly mid: Price | null;
  /** Of the oldest reading behind it. */
  readonly slot: bigint;
  /** When that was read. */
  readonly readAt: Moment;
}

/** The price in the memory of the market; null before the first reading. It is as old as its `readAt` says (`isTooOld`). */
export function pairPrice(
  { market }: Pick<WithMarket, 'market'>,
  { tokenIn: { mint: mintIn }, tokenOut: { mint: mintOut } }: Pair,
): PairPrice | null {
  const { slot, readAt = market.readAt() } = market.routes.oldest;
  if (readAt === null) return null;
  const sell = market.routes.bestRate({ mintIn, mintOut });
  const back = market.routes.bestRate({ mintIn: mintOut, mintOut: mintIn });
  const buy = back && inverse(back);
  return { sell, buy, mid: sell && buy && meanOf(sell, buy), slot, readAt };
}

/** Duration of a slot: it tells the age of a reading where no node tells the newest slot. */
const SLOT_MS = 400;

/** Whether the reading behind a price is older than a quote may be (`MAX_QUOTE_AGE_SLOTS`). */
export function isTooOld(
  { market, clock, limits }: Pick<WithMarket, 'market' | 'clock' | 'limits'>,
  { slot, readAt }: PairPrice,
): boolean {
  const { newest, eachMs } = market.time.slots;
  const most = limits.maxQuoteAgeSlots;
  const mostMs = most * Math.max(eachMs ?? 0, SLOT_MS);
  return newest - slot > BigInt(most) || msSince(clock, readAt) > mostMs;
}

const meanOf = (one: Price, other: Price): Price => ({
  numerator: one.numerator * other.denominator + other.numerator * one.denominator,
  denominator: 2n * one.denominator * other.denominator,
});
