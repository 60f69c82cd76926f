import type { BaseUnits } from './amount.ts';
import type { QuoteRequest, Route } from './quote.ts';

/** What one transaction may move; the programs enforce both. Base units. */
export interface RouteLimits {
  readonly maxAmountIn: BaseUnits;
  readonly minAmountOut: BaseUnits;
}

/**
 * The limits of a route, from the order's own. A partial fill's limit is a price: what the whole amount would have to
 * bring. A transaction takes no more than its route plans, and brings that plan's share at least, rounded up: whatever
 * part of the plan is filled, no unit of it is sold below the price.
 *
 * @param limitAmount Least output (exactIn; of the whole amount: partialFill) or most input (exactOut) of the order.
 */
export function routeLimits(
  { swapMode, amount }: Pick<QuoteRequest, 'swapMode' | 'amount'>,
  route: Pick<Route, 'amountIn'>,
  limitAmount: BaseUnits,
): RouteLimits {
  switch (swapMode) {
    case 'exactIn':
      return { maxAmountIn: amount, minAmountOut: limitAmount };
    case 'exactOut':
      return { maxAmountIn: limitAmount, minAmountOut: amount };
    case 'partialFill':
      return {
        maxAmountIn: route.amountIn,
        minAmountOut: (limitAmount * route.amountIn + amount - 1n) / amount,
      };
  }
}

/**
 * What the whole amount has to bring so that the route's part of it brings `minAmountOut` at least. Rounded up, so that no
 * other part is sold for less either; but the rounding alone never lifts it above a price that the route's own output reaches.
 */
export function limitOfWhole(
  amount: BaseUnits,
  { amountIn, amountOut }: Pick<Route, 'amountIn' | 'amountOut'>,
  minAmountOut: BaseUnits,
): BaseUnits {
  const least = (minAmountOut * amount + amountIn - 1n) / amountIn;
  const reached = (amountOut * amount) / amountIn;
  return least < reached || minAmountOut > amountOut ? least : reached;
}
