import type { BaseUnits } from '../../domain/amount.ts';
import type { FillAccounts } from '../../domain/attempt.ts';
import type { KnownUnits } from '../../domain/compute-unit-table.ts';
import type { Order } from '../../domain/order.ts';
import { type Quote, quoteRequestOf } from '../../domain/quote.ts';
import type { Receipt } from '../../domain/receipt.ts';
import {
  type Blockhash,
  type Chain,
  type MessageParts,
  type Simulation,
  TransactionTooLarge,
} from '../../ports/chain.ts';
import type { SignedTransaction } from '../../ports/signer.ts';
import type { Ports } from '../ports.ts';
import { type FailedTry, failed } from '../try-end.ts';
import { assembleSwap, fillAccountsOf } from './assemble-swap.ts';
import { computeUnitPrice } from './compute-unit-price.ts';
import { computeUnitLimitOf, swapUnitLimitOf } from './compute-units.ts';
import { describeRehearsal } from './describe-rehearsal.ts';
import { freshBlockhash } from './fresh-blockhash.ts';
import type { BuiltSwap, WithRehearsals } from './rehearsals.ts';

/** A signed swap; its bytes exist in memory only. */
export interface SignedSwap extends SignedTransaction {
  readonly outcome: 'signed';
  readonly blockhash: Blockhash;
  readonly fillAccounts: FillAccounts;
  /** The receipt that the swap creates; null if the order asks for none, or if it does not fit. */
  readonly receipt: Receipt | null;
  /** Why the order's receipt was left out. */
  readonly guardFallback: string | null;
  /** What its compute limit was taken from, if it was not rehearsed; otherwise null. */
  readonly knownUnits: (KnownUnits & { readonly limit: number }) | null;
}

/**
 * Builds the swap, rehearses it unsigned unless that is known to show nothing, and signs it with a blockhash at `confirmed`.
 *
 * @returns The signed swap, or why the rehearsal failed.
 * @throws {ChainUnavailable | RouteUnavailable | PolicyRefused | TransactionTooLarge} Nothing was signed.
 */
export async function buildSwap(
  ports: WithRehearsals,
  order: Order,
  choice: { readonly quote: Quote; readonly limitAmount: BaseUnits },
): Promise<SignedSwap | FailedTry> {
  const { chain, signer, limits, rehearsals } = ports;
  const { orderId } = order.request;
  const request = quoteRequestOf(order.request);
  const { venue, route } = choice.quote;
  const [{ instructions, contended, lookupTables, legs, policy }, blockhash, wanted] = await Promise.all([
    assembleSwap(ports, request, { venue, route, limitAmount: choice.limitAmount }),
    freshBlockhash(ports, ports.market),
    receiptOf(ports, order),
  ]);
  const { parts, receipt, guardFallback } = withReceipt(chain, wanted, {
    payer: signer.address,
    instructions,
    lookupTables,
    blockhash: blockhash.blockhash,
    computeUnitPriceMicroLamports: await computeUnitPrice(ports, contended),
    memo: `${orderId}/${order.attemptNumber + 1}`,
    computeUnitLimit: computeUnitLimitOf(limits),
  });

  const built: BuiltSwap = { ...choice, parts };
  const shape = rehearsals.shapeOf(built);
  const knownUnits = rehearsals.skips(order, built, shape);
  const rehearsal = knownUnits ? succeeded(knownUnits) : await rehearse(ports, chain.compile(parts));
  if (rehearsal.outcome === 'failed') {
    const { error } = rehearsal;
    return failed(await describeRehearsal(ports, order, { error, limitAmount: choice.limitAmount, parts }));
  }
  if (!knownUnits) rehearsals.learn(shape, rehearsal.computeUnits);

  const computeUnitLimit = swapUnitLimitOf(limits, rehearsal.computeUnits, legs.length);
  const signed = await signer.sign(chain.compile({ ...parts, computeUnitLimit }), {
    orderId,
    ...policy,
    ...(receipt && { receipt }),
  });
  rehearsals.follow(signed.signature, shape);
  const fillAccounts = fillAccountsOf(ports, request, legs);
  return {
    outcome: 'signed',
    ...signed,
    ...{ blockhash, fillAccounts, receipt, guardFallback },
    knownUnits: knownUnits && { ...knownUnits, limit: computeUnitLimit },
  };
}

const succeeded = ({ units }: KnownUnits) => ({ outcome: 'succeeded', computeUnits: units }) as const;

/**
 * A node that says that the swap would fail may be behind, or wrong, and its word would cost the order a try or its life. So
 * where there are others all are asked, and one that shows the swap succeed is believed: the chain itself judges it then.
 */
async function rehearse({ chain }: Ports, message: Uint8Array): Promise<Simulation> {
  const first = await chain.anyNode.simulate(message);
  if (first.outcome === 'succeeded' || chain.nodes.length === 1) return first;
  const answers = await Promise.allSettled(chain.nodes.map((node) => node.simulate(message)));
  const given = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return given.find(({ outcome }) => outcome === 'succeeded') ?? first;
}

/** The receipt of a strict order; the same one for every attempt. */
export async function receiptOf({ chain, signer }: Ports, { request }: Order): Promise<Receipt | null> {
  if (request.executionGuard !== 'strict') return null;
  return chain.receipt(signer.address, await signer.receiptSeed(request.orderId));
}

/** Adds the order's receipt if it fits; otherwise only the protocol guards the order. */
function withReceipt(
  chain: Chain,
  receipt: Receipt | null,
  parts: MessageParts,
): { parts: MessageParts; receipt: Receipt | null; guardFallback: string | null } {
  if (!receipt) return { parts, receipt: null, guardFallback: null };
  try {
    const guarded = { ...parts, receipt };
    chain.compile(guarded);
    return { parts: guarded, receipt, guardFallback: null };
  } catch (error) {
    if (!(error instanceof TransactionTooLarge)) throw error;
    return { parts, receipt: null, guardFallback: `No room for a receipt: ${error.message}.` };
  }
}
