import type { BaseUnits } from '../domain/amount.ts';
import type { FillAccounts } from '../domain/attempt.ts';
import { type Failure, type FailureCode, failure } from '../domain/failure.ts';
import type { Order } from '../domain/order.ts';
import type { Leg, Quote } from '../domain/quote.ts';
import { isSol } from '../domain/token.ts';
import type { Blockhash, TransactionError } from '../ports/chain.ts';
import type { SignedTransaction } from '../ports/signer.ts';
import type { SwapInstructions } from '../ports/venue.ts';
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
 * @throws {ChainUnavailable | PolicyRefused | TransactionTooLarge} Nothing was signed.
 */
export async function buildSwap(
  world: World,
  order: Order,
  choice: { readonly quote: Quote; readonly limitAmount: BaseUnits },
): Promise<SignedSwap | Failure> {
  const { chain, signer, limits } = world;
  const node = chain.nodes[0]!;
  const { tokenIn, tokenOut } = order.request;
  const [{ instructions, lookupTables, amounts }, blockhash] = await Promise.all([
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
    maxAmountIn: amounts.amountIn,
    minAmountOut: amounts.amountOut,
  });
  return { ...signed, blockhash, fillAccounts: fillAccountsOf(world, order, choice.quote) };
}

/** The frame with the leg's instruction inside, and the limits that the program enforces. */
async function swapInstructions(
  world: World,
  order: Order,
  choice: { readonly quote: Quote; readonly limitAmount: BaseUnits },
): Promise<SwapInstructions & { amounts: { amountIn: BaseUnits; amountOut: BaseUnits } }> {
  const { tokenIn, tokenOut, swapMode, amount } = order.request;
  const leg = onlyLeg(choice.quote);
  const venue = world.venues.find(({ name }) => name === leg.venue);
  if (!venue) throw new Error(`no venue is called ${leg.venue}`);
  const amounts =
    swapMode === 'exactIn'
      ? { amountIn: amount, amountOut: choice.limitAmount }
      : { amountIn: choice.limitAmount, amountOut: amount };
  const payer = world.signer.address;
  const frame = await world.chain.swapFrame({ payer, tokenIn, tokenOut, amountIn: amounts.amountIn });
  const { tokenAccountIn, tokenAccountOut } = frame;
  const accounts = { payer, tokenAccountIn, tokenAccountOut };
  const swap = await venue.swapInstructions({ leg, ...accounts, swapMode, ...amounts });
  const instructions = [...frame.before, ...swap.instructions, ...frame.after];
  return { instructions, lookupTables: swap.lookupTables, amounts };
}

/** Venues quote one pool each; a route of several legs needs a limit per leg, which only the router can set. */
function onlyLeg(quote: Quote): Leg {
  const [leg, ...others] = quote.route.legs;
  if (!leg || others.length > 0)
    throw new Error(`a route of ${quote.route.legs.length} legs cannot be built`);
  return leg;
}

function fillAccountsOf(world: World, order: Order, { route }: Quote): FillAccounts {
  const { tokenIn, tokenOut } = order.request;
  return {
    payer: world.signer.address,
    vaultsIn: route.legs.filter((leg) => leg.tokenIn.mint === tokenIn.mint).map((leg) => leg.vaultIn),
    vaultsOut: route.legs.filter((leg) => leg.tokenOut.mint === tokenOut.mint).map((leg) => leg.vaultOut),
    solIn: isSol(tokenIn),
    solOut: isSol(tokenOut),
  };
}
