import { MIN_TICK, sqrtPriceAtTick, tickAtSqrtPrice } from '../../src/pools/clmm-tick-price.ts';
import { dlmmBinPrice } from '../../src/pools/meteora-dlmm.ts';
import { integerOf, type Json, numberOf } from './vector-fields.ts';

/** One line of a table of tick prices (Raydium CLMM) or bin prices (Meteora DLMM). */
export function checkPriceCase(entry: Json): string[] {
  if ('binId' in entry) {
    const price = dlmmBinPrice(numberOf(entry, 'binStep'), numberOf(entry, 'binId'));
    return compare('priceQ64', integerOf(entry, 'priceQ64'), price);
  }
  const tick = numberOf(entry, 'tick');
  const sqrtPrice = integerOf(entry, 'sqrtPriceX64');
  const found = compare('sqrtPriceX64', sqrtPrice, sqrtPriceAtTick(tick));
  if (entry.tickAtSqrtPriceMinus1 !== null) {
    const below = numberOf(entry, 'tickAtSqrtPriceMinus1');
    found.push(...compare('tickAtSqrtPriceMinus1', below, tickAtSqrtPrice(sqrtPrice - 1n)));
  } else if (tick !== MIN_TICK) {
    found.push('tickAtSqrtPriceMinus1 is missing');
  }
  return found;
}

function compare(field: string, expected: bigint | number, actual: bigint | number): string[] {
  return expected === actual ? [] : [`${field}: expected ${expected}, got ${actual}`];
}
