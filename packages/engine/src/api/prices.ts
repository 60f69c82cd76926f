import { showPrice } from '../domain/price.ts';
import type { Engine } from '../execution/engine.ts';
import type { CurrentPrice } from '../execution/market/current-prices.ts';
import type { Pair, PairPrice } from '../execution/market/pair-price.ts';
import { msSince } from '../ports/clock.ts';
import { ProblemError } from './problems.ts';
import { requireToken } from './require-known.ts';

/**
 * @param fields What the client named the two tokens in.
 * @throws {ProblemError} `unknown_token`, `same_token`
 */
export async function requirePair(
  engine: Engine,
  names: readonly [string, string],
  fields: readonly [string, string],
): Promise<Pair> {
  const [tokenIn, tokenOut] = await Promise.all([
    requireToken(engine, fields[0], names[0]),
    requireToken(engine, fields[1], names[1]),
  ]);
  if (tokenIn.mint === tokenOut.mint)
    throw new ProblemError('same_token', {
      field: fields[1],
      detail: `${tokenIn.symbol} has no price in itself.`,
    });
  return { tokenIn, tokenOut };
}

/** @throws {ProblemError} `no_pool`: no pools lead from the one token to the other. */
export function requirePath({ outcome, pair }: CurrentPrice, field: string): void {
  if (outcome === 'noPath')
    throw new ProblemError('no_pool', {
      field,
      detail: `No pools lead from ${pair.tokenIn.symbol} to ${pair.tokenOut.symbol}.`,
    });
}

/** A price of the memory as the API shows it. */
export function toWirePrice({ clock }: Engine, pair: Pair, price: PairPrice) {
  return { ...namesOf(pair), ...ratesOf(pair, price), slot: Number(price.slot), ageMs: ageOf(clock, price) };
}

export const namesOf = ({ tokenIn, tokenOut }: Pair) => ({
  tokenIn: tokenIn.symbol,
  tokenOut: tokenOut.symbol,
  mintIn: tokenIn.mint,
  mintOut: tokenOut.mint,
});

export const ratesOf = (pair: Pair, { mid, buy, sell }: Pick<PairPrice, 'mid' | 'buy' | 'sell'>) => ({
  mid: mid && showPrice(mid, pair, 'tokenOut'),
  buy: buy && showPrice(buy, pair, 'tokenOut'),
  sell: sell && showPrice(sell, pair, 'tokenOut'),
});

/** Whole milliseconds. */
export const ageOf = (clock: Engine['clock'], { readAt }: Pick<PairPrice, 'readAt'>): number =>
  Math.round(msSince(clock, readAt));
