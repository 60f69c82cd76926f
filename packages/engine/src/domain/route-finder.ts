import { type Pool, type Rate, type RoutePool, Router, type SearchLimits, type SysvarClock } from '@oee/amm';
import type { BaseUnits } from './amount.ts';
import { areConnected } from './are-connected.ts';
import { LEAST_HOP_TOLERANCE_BPS } from './auto-slippage.ts';
import { amountAtRate, bestRate, type Step, stepsOf } from './best-rate.ts';
import type { MarketState, PoolState } from './pool-state.ts';
import { type HopTolerance, protectPlan } from './protect-plan.ts';
import type { QuoteRequest, Route, WholeQuoteRequest } from './quote.ts';
import { quotePool } from './quote-pool.ts';
import { isSol, type Mint, SOL_MINT, type Token } from './token.ts';

export interface RouteSearch extends HopTolerance {
  /** The room of one transaction besides the frame of the swap. */
  readonly limits: SearchLimits & { readonly maxLegs: number };
  /** Priority fee of one more leg. */
  readonly lamportsPerLeg: bigint;
}

interface Ends {
  readonly mintIn: Mint;
  readonly mintOut: Mint;
}

/** Maximum number of pools in a path that is compared at zero size. */
export const MAX_PATH_HOPS = 4;
/** Basis points of the output that a further leg must earn, since each one is one more that can fail when a pool moves. */
const LEAST_GAIN_OF_A_LEG = 0.1;

/**
 * Finds routes of several legs over the pools of all venues. It keeps their curves compiled: a pool is compiled again
 * when its accounts have changed, or time has moved its fee.
 */
export class RouteFinder {
  readonly #pools = new Map<string, PoolState>();
  #clock: SysvarClock = { slot: 0n, unixTimestamp: 0n };
  readonly #router = new Router([], this.#clock);
  #steps: readonly Step[] | null = null;
  /** Best rates at zero size, by the mint from and the mint to. */
  readonly #rates = new Map<Mint, Map<Mint, Rate | null>>();
  /** Routers over the pools of one pair alone, by its mints; for all orders of the pair until a pool or the time changes. */
  readonly #ofPairs = new Map<string, Router>();
  #oldest: Pick<MarketState, 'slot' | 'readAt'> = { slot: 0n };

  /** Slot and time of the oldest market that the pools come from. */
  get oldest(): Pick<MarketState, 'slot' | 'readAt'> {
    return this.#oldest;
  }

  /** Takes the pools as these markets show them; pools that none of them shows are forgotten. */
  update(markets: readonly MarketState[]): void {
    const [first, ...others] = markets;
    if (!first) return;
    const clock = first.clock;
    const before = this.#clock;
    const hasMoved = clock.unixTimestamp !== before.unixTimestamp || clock.slot !== before.slot;
    this.#clock = clock;
    if (hasMoved) this.#forget();
    this.#oldest = first;
    for (const other of others) if (other.slot < this.#oldest.slot) this.#oldest = other;
    const shown = new Map(markets.flatMap(({ pools }) => pools.map((pool) => [pool.address, pool])));
    for (const address of this.#pools.keys()) {
      if (shown.has(address)) continue;
      this.#pools.delete(address);
      this.#forget();
      this.#router.remove(address);
    }
    for (const [address, state] of shown) {
      const known = this.#pools.get(address);
      this.#pools.set(address, state);
      if (known?.pool !== state.pool) this.#forget();
      if (known?.pool === state.pool && !(hasMoved && followsTime(state.pool, before, clock))) continue;
      this.#router.set(toRoutePool(state), clock);
    }
  }

  /**
   * Routes of two or more legs, for the caller to compare: the best over all pools, and the best split over the pair's
   * own pools. Empty where none can be better than one pool alone: no route gives more than the best zero-size rate does,
   * and one over other tokens loses their tolerance, so most orders need no search, or only one over a few pools.
   */
  find(request: WholeQuoteRequest, search: RouteSearch): readonly Route[] {
    const spotAmount = this.spotAmount(request);
    if (spotAmount === null) return [];
    const own = [...this.#pools.values()].filter((pool) => connects(pool, request));
    const most = mostGain(bestOfOne(own, this.#clock, request), spotAmount, request.swapMode);
    if (most < LEAST_GAIN_OF_A_LEG) return [];
    const costPerLeg = this.#legPrice(request, { spotAmount, ...search });
    const best =
      most > LEAST_HOP_TOLERANCE_BPS ? this.#plan(this.#router, request, { ...search, costPerLeg }) : null;
    const isSplit = best?.legs.every((leg) => own.some(({ address }) => address === leg.pool));
    const split =
      isSplit || own.length < 2
        ? null
        : this.#plan(this.#routerOf(request, own), request, { ...search, costPerLeg });
    return [best, split].filter((route): route is Route => route !== null && route.legs.length > 1);
  }

  /**
   * What the request would move at the best rate that any path gives to an infinitely small swap: the output of an
   * input, the input of an exact output. Base units; null where no path leads there.
   */
  spotAmount({ tokenIn, tokenOut, swapMode, amount }: QuoteRequest): BaseUnits | null {
    const rate = this.bestRate({ mintIn: tokenIn.mint, mintOut: tokenOut.mint });
    return rate && amountAtRate(rate, swapMode, amount);
  }

  /**
   * The best rate that any path gives to an infinitely small swap, after fees: an exact fraction in base units; null where
   * no path leads there. Computed once for all who ask before a pool or the time changes.
   */
  bestRate(ends: Ends): Rate | null {
    const rates = this.#rates.get(ends.mintIn) ?? new Map<Mint, Rate | null>();
    const known = rates.get(ends.mintOut);
    if (known !== undefined) return known;
    this.#rates.set(ends.mintIn, rates);
    this.#steps ??= [...this.#pools.values()].flatMap((pool) => stepsOf(pool, this.#clock));
    const rate = bestRate(this.#steps, { ...ends, maxHops: MAX_PATH_HOPS });
    rates.set(ends.mintOut, rate);
    return rate;
  }

  /** Whether the pools lead from one mint to the other, even if none of them trades now. */
  connects({ mintIn, mintOut }: Ends): boolean {
    const pairs = [...this.#pools.values()].map(
      ({ tokens: [one, other] }) => [one.mint, other.mint] as const,
    );
    return areConnected(pairs, { from: mintIn, to: mintOut, maxHops: MAX_PATH_HOPS });
  }

  /** Drops what was computed from the pools together. */
  #forget(): void {
    this.#steps = null;
    this.#rates.clear();
    this.#ofPairs.clear();
  }

  #routerOf({ tokenIn, tokenOut }: QuoteRequest, own: readonly PoolState[]): Router {
    const pair = [tokenIn.mint, tokenOut.mint].sort().join();
    const router = this.#ofPairs.get(pair) ?? new Router(own.map(toRoutePool), this.#clock);
    this.#ofPairs.set(pair, router);
    return router;
  }

  #plan(
    router: Router,
    request: WholeQuoteRequest,
    search: HopTolerance & { readonly limits: SearchLimits; readonly costPerLeg: bigint },
  ): Route | null {
    const options = {
      tokenIn: request.tokenIn.mint,
      tokenOut: request.tokenOut.mint,
      limits: search.limits,
      costPerLeg: search.costPerLeg,
    };
    const found =
      request.swapMode === 'exactIn'
        ? router.routeExactIn(request.amount, options)
        : router.routeExactOut(request.amount, options);
    if (found.outcome === 'noRoute') return null;
    const market = { pools: this.#pools, clock: this.#clock };
    return protectPlan(found.plan, market, { ...request, hopTolerance: search.hopTolerance });
  }

  /** The price of a leg in the output token: its priority fee at the zero-size rate, or the least gain if that is more. */
  #legPrice(
    { tokenOut, swapMode, amount }: QuoteRequest,
    { lamportsPerLeg, spotAmount }: { readonly lamportsPerLeg: bigint; readonly spotAmount: BaseUnits },
  ): bigint {
    const output = swapMode === 'exactOut' ? amount : spotAmount;
    const leastGain = (output * BigInt(LEAST_GAIN_OF_A_LEG * 10)) / 100_000n;
    const fee =
      lamportsPerLeg === 0n || isSol(tokenOut) ? lamportsPerLeg : this.#worthOf(lamportsPerLeg, tokenOut);
    const price = fee > leastGain ? fee : leastGain;
    return price > 0n ? price : 1n; // At zero the search would take legs that gain nothing.
  }

  /** Lamports in base units of another token at the zero-size rate; 0 where no path leads there. */
  #worthOf(lamports: bigint, { mint: mintOut }: Token): bigint {
    const rate = this.bestRate({ mintIn: SOL_MINT, mintOut });
    return rate ? (lamports * rate.numerator) / rate.denominator : 0n;
  }
}

const toRoutePool = ({ address, pool, tokens, transferFees, cost }: PoolState): RoutePool => ({
  id: address,
  pool,
  mints: [tokens[0].mint, tokens[1].mint],
  transferFees,
  cost,
});

/** Schedules, volatility that decays, and openings between the two times, whichever is earlier: time may have been a mistake. */
function followsTime(pool: Pool, before: SysvarClock, now: SysvarClock): boolean {
  const { kind, window } = pool;
  const isFixed =
    kind === 'raydium-cpmm' ||
    kind === 'raydium-amm-v4' ||
    (kind === 'raydium-clmm' && pool.dynamicFee === null);
  const isOpen = (clock: SysvarClock): boolean =>
    window.opensAt <= (window.pointKind === 'slot' ? clock.slot : clock.unixTimestamp);
  return !isFixed || isOpen(before) !== isOpen(now);
}

/** The best amount that one of the pools gives or takes alone; null if none can. */
function bestOfOne(
  pools: readonly PoolState[],
  clock: SysvarClock,
  request: WholeQuoteRequest,
): BaseUnits | null {
  const { tokenIn, swapMode } = request;
  let best: BaseUnits | null = null;
  for (const state of pools) {
    const inputIndex = state.tokens[0].mint === tokenIn.mint ? 0 : 1;
    const answer = quotePool(state, request, { inputIndex, clock });
    if (answer.outcome === 'refused') continue;
    const given = swapMode === 'exactIn' ? answer.quote.amountOut : answer.quote.amountIn;
    if (best === null || (swapMode === 'exactIn' ? given > best : given < best)) best = given;
  }
  return best;
}

/** Basis points by which a route can be better than one pool at most; all of them where no pool can do it alone. */
function mostGain(
  alone: BaseUnits | null,
  spotAmount: BaseUnits,
  swapMode: WholeQuoteRequest['swapMode'],
): number {
  if (alone === null) return 10_000;
  const [lost, whole] =
    swapMode === 'exactIn' ? [spotAmount - alone, spotAmount] : [alone - spotAmount, alone];
  return whole > 0n ? Number((lost * 1_000_000n) / whole) / 100 : 0;
}

const connects = ({ tokens }: PoolState, { tokenIn, tokenOut }: QuoteRequest): boolean =>
  tokens.some(({ mint }) => mint === tokenIn.mint) && tokens.some(({ mint }) => mint === tokenOut.mint);
