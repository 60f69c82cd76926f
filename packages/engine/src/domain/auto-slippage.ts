import { formatAmount } from './amount.ts';
import type { BasisPoints } from './basis-points.ts';
import type { PriceHistory } from './price-history.ts';
import type { Quote } from './quote.ts';

export interface AutoSlippage {
  readonly bps: BasisPoints;
  /** The explanation, with its figures. */
  readonly reason: string;
}

/** From the quote to the block: routing, building, and a few slots until a leader takes the transaction. */
const HORIZON_SLOTS = 12;
/** Tolerance of a leg that another leg builds on. The reserve becomes dust, so it is smaller than the order's own tolerance. */
const HOP = { deviations: 1, leastBps: 2, mostBps: 50, unknownBps: 10 };
/** Larger moves than three standard deviations are left to the next try. */
const DEVIATIONS = 3;
const LEAST_BPS = 10;
const MOST_BPS = 300;
/** Assumed movement of pools with too short a history. */
const UNKNOWN_MOVE_BPS = 50;

/**
 * A tolerance from recent volatility and depth: how far the liveliest pool of the route moves while the order is on its
 * way, and as much again as the order's own size moves the price, since a trade of the same size may come first.
 */
export function autoSlippage({ route, priceImpactBps }: Quote, history: PriceHistory): AutoSlippage {
  const { perSlot, movement } = movementOf(route, history);
  const bps = Math.min(Math.max(movement + priceImpactBps, LEAST_BPS), MOST_BPS);
  const recent =
    perSlot === null
      ? `${movement} bps for pools without recent prices`
      : `${movement} bps for the recent movement of ${formatAmount(BigInt(Math.round(perSlot * 100)), 2)} bps per slot over ${HORIZON_SLOTS} slots`;
  const bounds = bps === movement + priceImpactBps ? '' : `, kept within ${LEAST_BPS} to ${MOST_BPS} bps`;
  return { bps, reason: `${recent}, and ${priceImpactBps} bps for another order of this size${bounds}` };
}

/**
 * What the tolerance for a quote would be without bounds: how far its price usually moves, and the order itself moves it.
 *
 * @param slotsOld Slots since the quote's accounts, in which the price may have moved too.
 */
export const usualMoveBps = (
  { route, priceImpactBps }: Quote,
  history: PriceHistory,
  slotsOld: number,
): number => movementOf(route, history, HORIZON_SLOTS + slotsOld).movement + priceImpactBps;

/** Of the liveliest pool. */
function movementOf({ legs }: Quote['route'], history: PriceHistory, slots = HORIZON_SLOTS) {
  const known = legs.flatMap(({ pool }) => history.movePerSlotBps(pool) ?? []);
  const perSlot = known.length > 0 ? Math.max(...known) : null;
  const movement =
    perSlot === null
      ? Math.ceil(UNKNOWN_MOVE_BPS * Math.sqrt(slots / HORIZON_SLOTS))
      : Math.ceil(DEVIATIONS * perSlot * Math.sqrt(slots));
  return { perSlot, movement };
}

/** Minimum of `hopTolerance`. */
export const LEAST_HOP_TOLERANCE_BPS = HOP.leastBps;

/** How far the output of a leg through this pool may fall short of its quote, where another leg builds on it. */
export function hopTolerance(pool: string, history: PriceHistory): BasisPoints {
  const perSlot = history.movePerSlotBps(pool);
  if (perSlot === null) return HOP.unknownBps;
  const movement = Math.ceil(HOP.deviations * perSlot * Math.sqrt(HORIZON_SLOTS));
  return Math.min(Math.max(movement, HOP.leastBps), HOP.mostBps);
}
