import { showAmount } from '../../../domain/amount.ts';
import type { Leg, Quote, QuoteAnswer, QuoteRefusalCode, QuoteRequest } from '../../../domain/quote.ts';
import type { AccountFeed } from '../../../ports/account-feed.ts';
import { ChainUnavailable } from '../../../ports/chain.ts';
import type { Clock } from '../../../ports/clock.ts';
import { msSince } from '../../../ports/clock.ts';
import { PolicyRefused } from '../../../ports/signer.ts';
import type { SwapInspector } from '../../../ports/swap-inspector.ts';
import type { TokenRegistry } from '../../../ports/token-registry.ts';
import {
  OfferNotBuilt,
  type RouteInstructions,
  type RouteSwap,
  RouteUnavailable,
  type Venue,
  VenueUnavailable,
} from '../../../ports/venue.ts';
import { snapshotBefore } from '../snapshot-before.ts';
import type { BuildAnswer } from './build-answer.ts';
import { type CheckedRoute, checkRoute, UnusableAnswer } from './checked-route.ts';
import { SwapApi, SwapApiError, type SwapApiOptions } from './swap-api.ts';

export interface JupiterVenueOptions extends SwapApiOptions {
  /** The wallet that swaps. */
  readonly taker: string;
  /** Gives the slot of a request to Jupiter, whose answer names none. */
  readonly feed: AccountFeed;
  readonly tokens: TokenRegistry;
  readonly inspectors: readonly SwapInspector[];
  readonly clock: Clock;
}

type AnsweredRoute = CheckedRoute & { readonly answer: BuildAnswer };

const NAME = 'jupiter';
const BASIS_POINTS = 10_000n;

/**
 * Jupiter's routes. A quote asks `/build` once. For the chosen route the venue asks again with the order's limit, so
 * that the signed swap has the price of that moment. Every answer is checked by the signer's rules.
 */
export function createJupiterVenue(options: JupiterVenueOptions): Venue {
  const { taker, feed, clock, tokens, inspectors } = options;
  const api = new SwapApi(options);

  async function route(
    request: QuoteRequest,
    ask: { slippageBps: number; purpose: 'quote' | 'build'; signal?: AbortSignal },
  ): Promise<AnsweredRoute> {
    const { tokenIn, tokenOut, amount } = request;
    const { slippageBps, ...how } = ask;
    const mints = { inputMint: tokenIn.mint, outputMint: tokenOut.mint };
    const answer = await api.build({ ...mints, amount, taker, slippageBps }, how);
    return { ...checkRoute(answer, { request, taker, tokens, inspectors }), answer };
  }

  async function quote(request: QuoteRequest, signal: AbortSignal): Promise<Quote> {
    if (request.swapMode === 'exactOut') throw new Unsupported('Jupiter offers exact-in swaps only.');
    const read = await snapshotBefore(feed, signal);
    if (read.outcome === 'missing') throw new ChainUnavailable(read.reason);
    const { legs, answer } = await route(request, { slippageBps: 0, purpose: 'quote', signal });
    return {
      venue: NAME,
      route: { legs, amountIn: answer.inAmount, amountOut: answer.outAmount },
      priceImpactBps: Math.max(0, Math.ceil(answer.priceImpact * 10_000)),
      slot: read.snapshot.slot,
    };
  }

  const routeInstructions = (swap: RouteSwap): Promise<RouteInstructions> =>
    buildWithin(swap, (slippageBps) =>
      route(requestOf(swap), { slippageBps, purpose: 'build' }).catch(rethrow),
    );

  return {
    name: NAME,
    pools: () => [],
    async quote(request, signal) {
      const startedAt = clock.moment();
      const elapsed = () => msSince(clock, startedAt);
      try {
        return [{ outcome: 'quoted', quote: await quote(request, signal), answerMs: elapsed() }];
      } catch (error) {
        return [refusal(error, elapsed())];
      }
    },
    routeInstructions,
    swapInstructions: ({ leg, payer, amountIn, amountOut }) =>
      routeInstructions({
        payer,
        route: { legs: [leg], amountIn: leg.amountIn, amountOut: leg.amountOut },
        amountIn,
        minAmountOut: amountOut,
      }),
  };
}

/** Asks for the swap with the slippage that the order's limit leaves, and once more if the price has moved since. */
async function buildWithin(
  swap: RouteSwap,
  build: (slippageBps: number) => Promise<AnsweredRoute>,
): Promise<RouteInstructions> {
  let { amountOut } = swap.route;
  for (let tries = 0; tries < 2 && amountOut >= swap.minAmountOut; tries += 1) {
    const { legs, instructions, minAmountOut, answer } = await build(
      Number(((amountOut - swap.minAmountOut) * BASIS_POINTS) / amountOut),
    );
    if (minAmountOut >= swap.minAmountOut) return { legs, instructions, lookupTables: answer.lookupTables };
    if (answer.outAmount >= amountOut)
      throw new OfferNotBuilt(
        `Jupiter offers ${inUnits(swap, answer.outAmount)}, but its transaction lets ${inUnits(swap, minAmountOut)} pass; the least allowed is ${inUnits(swap, swap.minAmountOut)}.`,
      );
    amountOut = answer.outAmount;
  }
  throw new RouteUnavailable(
    `Jupiter now offers ${inUnits(swap, amountOut)}, the least allowed is ${inUnits(swap, swap.minAmountOut)}.`,
  );
}

class Unsupported extends Error {}

function requestOf({ route, amountIn }: RouteSwap): QuoteRequest {
  const [first, last] = [route.legs[0], route.legs.at(-1)];
  if (!first || !last) throw new Error('a route has at least one leg');
  return { tokenIn: first.tokenIn, tokenOut: last.tokenOut, swapMode: 'exactIn', amount: amountIn };
}

function inUnits({ route }: RouteSwap, amount: bigint): string {
  const { tokenOut } = route.legs.at(-1) as Leg;
  return showAmount(amount, tokenOut);
}

function rethrow(error: unknown): never {
  if (error instanceof UnusableAnswer)
    throw new PolicyRefused(`Jupiter: ${error.message}.`, { cause: error });
  if (!(error instanceof SwapApiError)) throw error;
  throw new BUILD_ERRORS[error.kind](`Jupiter: ${error.message}.`, { cause: error });
}

const BUILD_ERRORS = {
  noRoute: RouteUnavailable,
  malformed: OfferNotBuilt,
  timeout: VenueUnavailable,
  unavailable: VenueUnavailable,
  not_asked: VenueUnavailable,
} as const;

const QUOTE_REFUSALS = {
  noRoute: 'no_pool',
  malformed: 'unavailable',
  timeout: 'timeout',
  unavailable: 'unavailable',
  not_asked: 'not_asked',
} as const;

function refusal(error: unknown, answerMs: number): QuoteAnswer {
  const refused = (code: QuoteRefusalCode, reason: string): QuoteAnswer => ({
    outcome: 'refused',
    venue: NAME,
    pool: null,
    code,
    reason,
    answerMs,
  });
  if (error instanceof Unsupported) return refused('unsupported', error.message);
  if (error instanceof UnusableAnswer)
    return refused('unavailable', `The answer cannot be used: ${error.message}.`);
  if (error instanceof ChainUnavailable) return refused('chain_unavailable', error.message);
  if (!(error instanceof SwapApiError)) throw error;
  return refused(QUOTE_REFUSALS[error.kind], `Jupiter: ${error.message}.`);
}
