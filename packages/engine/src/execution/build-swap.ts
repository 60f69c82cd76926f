import type { BaseUnits } from '../domain/amount.ts';
import type { FillAccounts } from '../domain/attempt.ts';
import { type Failure, type FailureCode, failure } from '../domain/failure.ts';
import type { Order } from '../domain/order.ts';
import type { Leg, Quote } from '../domain/quote.ts';
import { isSol } from '../domain/token.ts';
import type { Blockhash, TransactionError } from '../ports/chain.ts';
import type { SignedTransaction } from '../ports/signer.ts';
import type { LegSwap, RouteInstructions, Venue } from '../ports/venue.ts';
import type { World } from './world.ts';

/** A signed swap that was rehearsed; its bytes exist in memory only. */
export interface SignedSwap extends SignedTransaction {
  readonly blockhash: Blockhash;
  readonly fillAccounts: FillAccounts;
}

// Enough for every route; the rehearsal replaces it with what was used plus a margin.
const REHEARSAL_COMPUTE_UNITS = 1_400_000;

const CODE_OF_ERROR: Record<TransactionError['kind'], FailureCode> = {
  slippage: 'slippage_exceeded',
  insufficientFunds: 'insufficient_funds',
  receiptExists: 'receipt_exists',
  alreadyProcessed: 'simulation_failed',
  other: 'simulation_failed',
};

/**
 * Builds the swap, rehearses it unsigned, and signs it with a blockhash at `confirmed`.
 *
 * @returns The signed swap, or why the rehearsal failed.
 * @throws {ChainUnavailable | RouteUnavailable | PolicyRefused | TransactionTooLarge} Nothing was signed.
 */
export async function buildSwap(
  world: World,
  order: Order,
  choice: { readonly quote: Quote; readonly limitAmount: BaseUnits },
): Promise<SignedSwap | Failure> {
  const { chain, signer, limits } = world;
  const node = chain.nodes[0]!;
  const { tokenIn, tokenOut } = order.request;
  const [{ instructions, lookupTables, legs, amounts }, blockhash] = await Promise.all([
    swapInstructions(world, order, choice),
    node.latestBlockhash(),
  ]);
  const parts = {
    payer: signer.address,
    instructions,
    lookupTables,
    blockhash: blockhash.blockhash,
    computeUnitPriceMicroLamports: limits.computeUnitPriceMicroLamports,
    memo: `${order.request.orderId}/${order.attemptNumber + 1}`,
  };

  const rehearsal = await node.simulate(
    chain.compile({ ...parts, computeUnitLimit: REHEARSAL_COMPUTE_UNITS }),
  );
  if (rehearsal.outcome === 'failed')
    return failure(CODE_OF_ERROR[rehearsal.error.kind], `Simulation: ${rehearsal.error.text}.`);

  const computeUnitLimit = Math.min(
    Math.ceil((rehearsal.computeUnits * (100 + limits.computeUnitMarginPercent)) / 100),
    REHEARSAL_COMPUTE_UNITS,
  );
  const signed = await signer.sign(chain.compile({ ...parts, computeUnitLimit }), {
    orderId: order.request.orderId,
    mintIn: tokenIn.mint,
    mintOut: tokenOut.mint,
    intermediateMints: intermediateMints(order, legs),
    maxAmountIn: amounts.amountIn,
    minAmountOut: amounts.amountOut,
  });
  return { ...signed, blockhash, fillAccounts: fillAccountsOf(world, order, legs) };
}

/** The frame with the route's instructions inside, and the limits that the programs enforce. */
async function swapInstructions(
  world: World,
  order: Order,
  choice: { readonly quote: Quote; readonly limitAmount: BaseUnits },
): Promise<RouteInstructions & { amounts: { amountIn: BaseUnits; amountOut: BaseUnits } }> {
  const { tokenIn, tokenOut, swapMode, amount } = order.request;
  const amounts =
    swapMode === 'exactIn'
      ? { amountIn: amount, amountOut: choice.limitAmount }
      : { amountIn: choice.limitAmount, amountOut: amount };
  const payer = world.signer.address;
  const frame = await world.chain.swapFrame({ payer, tokenIn, tokenOut, amountIn: amounts.amountIn });
  const { tokenAccountIn, tokenAccountOut } = frame;
  const accounts = { payer, tokenAccountIn, tokenAccountOut };
  const built = await routeInstructions(world, choice.quote, { ...accounts, swapMode, ...amounts });
  return { ...built, instructions: [...frame.before, ...built.instructions, ...frame.after], amounts };
}

/** A venue either builds the whole route that it offered, or its one leg. */
async function routeInstructions(
  world: World,
  quote: Quote,
  swap: Omit<LegSwap, 'leg'>,
): Promise<RouteInstructions> {
  const bidder = venueOf(world, quote.venue);
  if (bidder.routeInstructions)
    return bidder.routeInstructions({ ...swap, route: quote.route, minAmountOut: swap.amountOut });
  const leg = onlyLeg(quote);
  const built = await venueOf(world, leg.venue).swapInstructions({ leg, ...swap });
  return { ...built, legs: [leg] };
}

function venueOf({ venues }: World, name: string): Venue {
  const venue = venues.find((each) => each.name === name);
  if (!venue) throw new Error(`no venue is called ${name}`);
  return venue;
}

/** Venues quote one pool each; a route of several legs needs a limit per leg, which only the router can set. */
function onlyLeg(quote: Quote): Leg {
  const [leg, ...others] = quote.route.legs;
  if (!leg || others.length > 0)
    throw new Error(`a route of ${quote.route.legs.length} legs cannot be built`);
  return leg;
}

function intermediateMints({ request }: Order, legs: readonly Leg[]): string[] {
  const mints = new Set(legs.flatMap(({ tokenIn, tokenOut }) => [tokenIn.mint, tokenOut.mint]));
  mints.delete(request.tokenIn.mint);
  mints.delete(request.tokenOut.mint);
  return [...mints];
}

function fillAccountsOf(world: World, order: Order, legs: readonly Leg[]): FillAccounts {
  const { tokenIn, tokenOut } = order.request;
  return {
    payer: world.signer.address,
    vaultsIn: legs.filter((leg) => leg.tokenIn.mint === tokenIn.mint).map((leg) => leg.vaultIn),
    vaultsOut: legs.filter((leg) => leg.tokenOut.mint === tokenOut.mint).map((leg) => leg.vaultOut),
    solIn: isSol(tokenIn),
    solOut: isSol(tokenOut),
  };
}
