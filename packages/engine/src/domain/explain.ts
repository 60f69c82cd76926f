import { formatSigned, readAmount } from './amount.ts';
import type { Failure } from './failure.ts';
import type { OrderRequest } from './order.ts';
import type { FillRecord, LegRecord, OrderEvent, OrderEventData, QuoteRecord } from './order-event.ts';
import type { SwapMode } from './quote.ts';
import { rentOf } from './rent.ts';

/** Why an order took its route, and its outcome. Computed from its events alone. */
export interface Explanation {
  readonly tries: readonly TryExplanation[];
  /** Expected against executed; null while nothing has landed. */
  readonly execution: ExecutionExplanation | null;
}

export interface TryExplanation {
  readonly try: number;
  /** When the route was chosen, RFC 3339; null where the try ended before. */
  readonly chosenAt: string | null;
  readonly decision: DecisionExplanation | null;
  /** What the swap's compute limit was taken from if it was not rehearsed; null if it was, or if the try signed nothing. */
  readonly computeUnits: NonNullable<OrderEventData['order.submitted']['computeUnits']> | null;
  /** Waits of the try, which do not count as tries: the chain, the venues or the engine were unavailable. */
  readonly waits: readonly WaitExplanation[];
  /** Why the try ended without a fill; null where it did not. */
  readonly failure: Failure | null;
}

export type WaitExplanation = OrderEventData['order.waiting'] & {
  /** When the order went on or ended, RFC 3339; null while it waits. */
  readonly endedAt: string | null;
};

export interface DecisionExplanation extends Omit<OrderEventData['order.building'], 'quotes'> {
  readonly candidates: readonly QuoteRecord[];
  /** The best offer of one venue alone at the same moment; null where none had one. */
  readonly bestSingleVenue: SingleVenue | null;
}

export interface SingleVenue {
  readonly venue: string;
  readonly pool: string;
  readonly amountIn: string;
  readonly amountOut: string;
  /** Distance to the chosen route, as `behindBestBps` of a candidate. */
  readonly behindBestBps: string;
}

/**
 * Where the difference went, in units of `token`: the output of an input, the input of an exact output. Costs are positive.
 * exactIn, partialFill: withoutCosts - fees - slippage - priceMove = executed; exactOut: plus instead of minus. Where less
 * of a partial fill was spent than its plan said, the plan's figures are those of that share of it.
 */
export interface ExecutionExplanation {
  readonly token: string;
  readonly expected: string;
  readonly executed: string;
  /** The result of the amount at the best zero-size rate without fees; null if that rate was not recorded. */
  readonly withoutCosts: string | null;
  /** The venues' fees of all legs, at the rates of the plan; fees that a venue keeps to itself are not in it. */
  readonly fees: string;
  /** The order's own size: the best zero-size rate after fees against the plan; null where that rate was not recorded. */
  readonly slippage: string | null;
  /** The plan against the landed amounts: the price moved in between. Negative if it moved in the order's favor. */
  readonly priceMove: string;
  /** In SOL. */
  readonly networkFee: string;
  readonly rent: string;
  readonly rentRefunded: string;
  readonly dust: NonNullable<FillRecord['dust']>;
}

type Quoted = Extract<QuoteRecord, { outcome: 'chosen' | 'lost' }>;
type Decision = OrderEventData['order.building'];

export function explainOrder(request: OrderRequest, events: readonly OrderEvent[]): Explanation {
  const tries = triesOf(events).map((own) => explainTry(request, own));
  const filled = events.findLast(({ type }) => type === 'order.confirmed' || type === 'order.finalized');
  const decision = tries.findLast((one) => one.decision)?.decision;
  const isStanding = events.findLast(({ type }) => type === 'order.confirmed' || type === 'order.reorged');
  const fill = isStanding?.type === 'order.confirmed' ? (filled?.data as FillRecord) : null;
  return { tries, execution: fill && decision ? explainFill(request, decision, fill) : null };
}

/** The best offer that uses the pools of one venue only; null if there is none. */
export function bestSingleVenue(quotes: readonly QuoteRecord[], swapMode: SwapMode): SingleVenue | null {
  const single = quotes.filter(
    (quote): quote is Quoted =>
      quote.outcome !== 'unavailable' &&
      (quote.legs === undefined || new Set(quote.legs.map(({ venue }) => venue)).size === 1),
  );
  const amountOf = (quote: Quoted) => read(swapMode === 'exactOut' ? quote.amountIn : quote.amountOut);
  const isBetter = (one: Quoted, than: Quoted) =>
    swapMode === 'exactOut' ? amountOf(one) < amountOf(than) : amountOf(one) > amountOf(than);
  const best = single.reduce<Quoted | null>((so, one) => (so && !isBetter(one, so) ? so : one), null);
  if (!best) return null;
  const { venue, pool, amountIn, amountOut, behindBestBps } = best;
  return { venue, pool, amountIn, amountOut, behindBestBps };
}

function explainDecision({ quotes, ...decision }: Decision, swapMode: SwapMode): DecisionExplanation {
  return { ...decision, candidates: quotes, bestSingleVenue: bestSingleVenue(quotes, swapMode) };
}

/** Events from one `routing` to the next; a try that a crash interrupted goes on in the one that starts it over. */
function triesOf(events: readonly OrderEvent[]): OrderEvent[][] {
  const tries: OrderEvent[][] = [];
  for (const event of events) {
    if (event.type === 'order.routing' && !event.data.interrupted) tries.push([event]);
    else tries.at(-1)?.push(event);
  }
  return tries.map((own, index) => [...own, ...(tries[index + 1]?.slice(0, 1) ?? [])]);
}

function explainTry({ swapMode }: OrderRequest, events: readonly OrderEvent[]): TryExplanation {
  const [begun] = events;
  if (begun?.type !== 'order.routing') throw new Error('a try begins with its routing event');
  const building = events.findLast((event) => event.type === 'order.building');
  const submitted = events.findLast((event) => event.type === 'order.submitted');
  const ended = events.at(-1);
  const failure =
    ended?.type === 'order.failed'
      ? ended.data
      : ended?.type === 'order.routing' && !ended.data.interrupted && ended !== begun
        ? (ended.data.cause ?? null)
        : null;
  return {
    try: begun.data.try,
    chosenAt: building?.timestamp ?? null,
    decision: building?.type === 'order.building' ? explainDecision(building.data, swapMode) : null,
    computeUnits: submitted?.type === 'order.submitted' ? (submitted.data.computeUnits ?? null) : null,
    waits: waitsIn(events),
    failure,
  };
}

function waitsIn(events: readonly OrderEvent[]): WaitExplanation[] {
  return events.flatMap((event, index) => {
    if (event.type !== 'order.waiting') return [];
    const next = events.slice(index).find(({ type }) => type !== 'order.waiting');
    return [{ ...event.data, endedAt: next?.timestamp ?? null }];
  });
}

function explainFill(
  { swapMode, tokenIn, tokenOut }: OrderRequest,
  { candidates, route }: DecisionExplanation,
  fill: FillRecord,
): ExecutionExplanation | null {
  const chosen = candidates.find((one): one is Quoted => one.outcome === 'chosen');
  if (!chosen) return null;
  const isExactOut = swapMode === 'exactOut';
  const { symbol, decimals } = isExactOut ? tokenIn : tokenOut;
  const side = isExactOut ? 'amountIn' : 'amountOut';
  const sign = isExactOut ? -1n : 1n;
  const ofPlan = (amount: bigint): bigint =>
    swapMode === 'partialFill' ? (amount * read(fill.amountIn)) / read(route.amountIn) : amount;
  const spot = chosen.spotAmount === undefined ? null : ofPlan(readAmount(chosen.spotAmount, decimals));
  const expected = ofPlan(readAmount(route[side], decimals));
  const executed = readAmount(fill[side], decimals);
  const fees = ofPlan(feesIn(symbol, route.legs, swapMode) / 10n ** BigInt(COMMON_DECIMALS - decimals));
  const format = (amount: bigint) => formatSigned(amount, decimals);
  return {
    token: symbol,
    expected: format(expected),
    executed: fill[side],
    withoutCosts: spot === null ? null : format(spot + sign * fees),
    fees: format(fees),
    slippage: spot === null ? null : format(sign * (spot - expected)),
    priceMove: format(sign * (expected - executed)),
    networkFee: fill.fees.network,
    ...rentOf(fill),
    dust: fill.dust ?? [],
  };
}

/**
 * All fees in one token, in units with `COMMON_DECIMALS`. Each token of the route is worth what the plan's own legs get for
 * it, or (exactOut) pay for it. Legs stand in the order in which they run: those into a token before those out.
 */
function feesIn(symbol: string, legs: readonly LegRecord[], swapMode: SwapMode): bigint {
  const worth = new Map([[symbol, ONE]]);
  const worthOf = (token: string, amount: string) => (read(amount) * (worth.get(token) ?? 0n)) / ONE;
  const set = (token: string, moved: bigint, against: bigint) => {
    if (!worth.has(token) && moved > 0n) worth.set(token, (against * ONE) / moved);
  };
  if (swapMode === 'exactOut')
    for (const token of [
      ...legs.map(({ tokenIn }) => tokenIn),
      ...legs.slice(-1).map(({ tokenOut }) => tokenOut),
    ]) {
      const delivering = legs.filter(({ tokenOut }) => tokenOut === token);
      const paid = sumOf(delivering, (leg) => worthOf(leg.tokenIn, leg.amountIn));
      set(
        token,
        sumOf(delivering, (leg) => read(leg.amountOut)),
        paid,
      );
    }
  else
    for (const { tokenIn } of [...legs].reverse()) {
      const spending = legs.filter((leg) => leg.tokenIn === tokenIn);
      const got = sumOf(spending, (leg) => worthOf(leg.tokenOut, leg.amountOut));
      set(
        tokenIn,
        sumOf(spending, (leg) => read(leg.amountIn)),
        got,
      );
    }
  return sumOf(legs, ({ fee, feeToken }) => (fee === null ? 0n : worthOf(feeToken, fee)));
}

const sumOf = (legs: readonly LegRecord[], amountOf: (leg: LegRecord) => bigint): bigint =>
  legs.reduce((sum, leg) => sum + amountOf(leg), 0n);

/** Amounts of tokens with different decimals are added at this precision. */
const COMMON_DECIMALS = 18;
const ONE = 10n ** BigInt(COMMON_DECIMALS);
const read = (amount: string): bigint => readAmount(amount, COMMON_DECIMALS);
