import type { BaseUnits } from '../domain/amount.ts';
import type { FillAccounts } from '../domain/attempt.ts';
import { type Failure, type FailureCode, failure } from '../domain/failure.ts';
import type { Order } from '../domain/order.ts';
import { type Quote, quoteRequestOf } from '../domain/quote.ts';
import type { Blockhash, TransactionError } from '../ports/chain.ts';
import type { SignedTransaction } from '../ports/signer.ts';
import { assembleSwap, fillAccountsOf } from './assemble-swap.ts';
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
  const { orderId } = order.request;
  const request = quoteRequestOf(order.request);
  const { venue, route } = choice.quote;
  const [{ instructions, lookupTables, legs, policy }, blockhash] = await Promise.all([
    assembleSwap(world, request, { venue, route, limitAmount: choice.limitAmount }),
    node.latestBlockhash(),
  ]);
  const parts = {
    payer: signer.address,
    instructions,
    lookupTables,
    blockhash: blockhash.blockhash,
    computeUnitPriceMicroLamports: limits.computeUnitPriceMicroLamports,
    memo: `${orderId}/${order.attemptNumber + 1}`,
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
  const signed = await signer.sign(chain.compile({ ...parts, computeUnitLimit }), { orderId, ...policy });
  return { ...signed, blockhash, fillAccounts: fillAccountsOf(world, request, legs) };
}
