import type { PriceField } from './order-type.ts';
import { type PairTokens, type Price, type PriceIn, parsePrice } from './price.ts';
import type { EpochMs } from './timestamp.ts';

/**
 * gtc  rests until it fires or is canceled
 * gtd  the same until its `expiresAt`
 * ioc  never rests: executes what the market gives at once, at its limit or better, and expires otherwise
 * fok  the same, of the whole amount only
 */
export type TimeInForce = 'gtc' | 'gtd' | 'ioc' | 'fok';

/**
 * Which price a stop looks at.
 *
 * last  the newest net rate from tokenIn to tokenOut of the engine's own pools
 * mid   the mean of that rate and the net price of buying tokenIn back
 * twap  the time-weighted mean of `mid` over the last minute
 */
export const PRICE_SOURCES = ['last', 'mid', 'twap'] as const;
export type PriceSource = (typeof PRICE_SOURCES)[number];

/** The prices that an order waits for, decimal strings as the user gave them, and how they are read. */
export interface TriggerTerms {
  readonly limitPrice?: string;
  readonly stopPrice?: string;
  readonly takeProfitPrice?: string;
  /** How far below the highest price a trailing stop fires, basis points. */
  readonly trailingBps?: number;
  /** Absent: tokenOut per tokenIn. */
  readonly priceIn?: PriceIn;
  /** Absent: `last`. Not of a limit, which is judged by an exact quote. */
  readonly source?: PriceSource;
  /** In how many slots in a row the condition must hold; absent: one. Not of a limit. */
  readonly slots?: number;
}

/** What amendments replaced, in wire form: the newest value of each field. Absent fields are as they were asked for. */
export interface Amendment extends Pick<TriggerTerms, PriceField> {
  readonly amountIn?: string;
  readonly amountOut?: string;
  /** The new floor or ceiling of a limit, which follows from its price and amount. */
  readonly minAmountOut?: string;
  readonly maxAmountIn?: string;
  /** gtc: it rests without an end, whatever `expiresAt` an earlier amendment said. */
  readonly timeInForce?: 'gtc' | 'gtd';
  /** RFC 3339. */
  readonly expiresAt?: string;
}

/** A price of the order's terms, exact; undefined where it has none. */
export function priceOf(
  trigger: TriggerTerms,
  field: Exclude<PriceField, 'trailingBps'>,
  tokens: PairTokens,
): Price | undefined {
  const text = trigger[field];
  if (text === undefined) return undefined;
  const parsed = parsePrice(text, {
    tokenIn: tokens.tokenIn,
    tokenOut: tokens.tokenOut,
    priceIn: trigger.priceIn ?? 'tokenOut',
  });
  if (!parsed.ok) throw new Error(`not a price: ${text}`); // Acceptance reads every price.
  return parsed.price;
}

/** What an order waits for, in its request. */
interface Awaited {
  readonly trigger?: TriggerTerms;
  readonly timeInForce?: TimeInForce;
  readonly startAtMs?: EpochMs;
}

/** Whether the order has to wait for a price or a time, so that it is `open` first. */
export const rests = ({ trigger, timeInForce, startAtMs }: Awaited): boolean =>
  startAtMs !== undefined || (trigger !== undefined && !isAtOnce(timeInForce));

/** Whether the order has one firing only, and expires if the market does not give it what it asks for. */
export const isAtOnce = (timeInForce: TimeInForce | undefined): boolean =>
  timeInForce === 'ioc' || timeInForce === 'fok';
