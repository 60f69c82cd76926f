import { formatAmount } from '../../domain/amount.ts';
import type { Attempt, FillAccounts } from '../../domain/attempt.ts';
import type { Order } from '../../domain/order.ts';
import type { FillRecord } from '../../domain/order-event.ts';
import { showRent, splitRent } from '../../domain/rent.ts';
import { type Mint, SOL_DECIMALS, SOL_MINT } from '../../domain/token.ts';
import type { ChainNode, LandedTransaction } from '../../ports/chain.ts';
import type { Told } from '../../ports/told.ts';
import type { Ports } from '../ports.ts';
import { AnotherTransaction, requireOwn, requireWithinBounds } from '../proofs/own-transaction.ts';
import { fillAmounts } from './fill-amounts.ts';

export interface LandedSwap {
  readonly order: Order;
  readonly attempt: Attempt;
}

export interface ShownFill {
  /** Name of the node that shows it. */
  readonly node: string;
  readonly slot: bigint;
  readonly fill: FillRecord;
  /** Undefined if the node does not say. */
  readonly computeUnits: number | undefined;
}

/**
 * The fill as the first node shows it that shows this transaction and no other; null where none has it without error. Any
 * node comes first: it passes by one that hangs.
 */
export async function readFill(ports: Ports, swap: LandedSwap): Promise<ShownFill | null> {
  const { chain } = ports;
  const { signature } = swap.attempt;
  const readAt = (node: ChainNode) => node.transaction(signature, 'confirmed');
  const others = chain.nodes.length === 1 ? [] : chain.nodes;
  const readings = others.map((node) => async () => ({ node, answer: await readAt(node) }));
  let failed: unknown;
  for (const read of [() => chain.askAny(readAt), ...readings]) {
    try {
      const shown = judgeFill(ports, swap, await read());
      if (shown === 'reverted') return null;
      if (shown) return shown;
    } catch (error) {
      failed ??= error; // Another node may have it.
    }
  }
  if (failed) throw failed;
  return null;
}

/**
 * What this node shows of the transaction at `finalized`, as `judgeFill`.
 * @throws {ChainUnavailable} The node is unavailable, or returned another transaction.
 */
export const finalFillAt = async (ports: Ports, node: ChainNode, swap: LandedSwap): Promise<FillWord> =>
  judgeFill(ports, swap, { node, answer: await node.transaction(swap.attempt.signature, 'finalized') });

/** `reverted` where a node shows the transaction with an error: it did nothing. Null where the node does not have it. */
export type FillWord = ShownFill | 'reverted' | null;

/** @throws {AnotherTransaction} It is another one. */
function judgeFill(
  ports: Ports,
  { order, attempt }: LandedSwap,
  { node, answer: landed }: Told<ChainNode, LandedTransaction | null>,
): FillWord {
  try {
    if (!landed) return null;
    requireOwn(attempt, landed);
    if (landed.error) return 'reverted';
    const { slot, computeUnits } = landed;
    return { node: node.name, slot, fill: fillRecord(order, attempt, landed), computeUnits };
  } catch (error) {
    const { orderId } = attempt;
    if (error instanceof AnotherTransaction)
      ports.log.error({ node: node.name, orderId, error }, 'node returned another transaction');
    throw error;
  }
}

/**
 * Amounts from the balances of the vaults, or of all other accounts if the vaults are unknown; rent is what the wallet's
 * lamports lost beyond the fee and the swap itself, and a refund what they gained beyond them. What the legs into an
 * intermediate token delivered beyond what the legs out of it spent is dust: it stays in the wallet.
 */
function fillRecord(order: Order, attempt: Attempt, landed: LandedTransaction): FillRecord {
  const { request } = order;
  const { fillAccounts } = attempt;
  const { payer, mints } = fillAccounts;
  const amountIn = mints
    ? gainOfOthers(landed, payer, mints.in)
    : sumOfChanges(landed, fillAccounts.vaultsIn);
  const amountOut = mints
    ? -gainOfOthers(landed, payer, mints.out)
    : -sumOfChanges(landed, fillAccounts.vaultsOut);
  const wallet = landed.lamports(payer);
  if (!wallet || amountIn <= 0n || amountOut <= 0n)
    throw new Error(`transaction ${attempt.signature} does not show the swap of order ${attempt.orderId}`);
  requireWithinBounds(order, attempt.signature, { amountIn, amountOut });
  const dust = dustOf(fillAccounts, landed);
  const unwrapped = dust.find(({ mint }) => mint === SOL_MINT)?.amount ?? 0n;
  const swapped = (fillAccounts.solOut ? amountOut : 0n) - (fillAccounts.solIn ? amountIn : 0n) + unwrapped;
  const rent = wallet.before - wallet.after - landed.feeLamports + swapped;
  return {
    signature: attempt.signature,
    slot: landed.slot.toString(),
    ...fillAmounts(request, { amountIn, amountOut }),
    fees: { network: formatAmount(landed.feeLamports, SOL_DECIMALS), ...showRent(splitRent(rent)) },
    ...(dust.length > 0 && {
      dust: dust.map(({ symbol, decimals, amount }) => ({
        token: symbol,
        amount: formatAmount(amount, decimals),
      })),
    }),
  };
}

function dustOf({ intermediates = [] }: FillAccounts, landed: LandedTransaction) {
  return intermediates
    .map((token) => ({
      ...token,
      amount: -sumOfChanges(landed, token.vaultsFrom) - sumOfChanges(landed, token.vaultsTo),
    }))
    .filter(({ amount }) => amount > 0n);
}

function sumOfChanges(landed: LandedTransaction, tokenAccounts: readonly string[]): bigint {
  let sum = 0n;
  for (const address of new Set(tokenAccounts)) {
    const balance = landed.tokens(address);
    if (balance) sum += balance.after - balance.before;
  }
  return sum;
}

/** Net gain of all foreign accounts in a mint; it equals what the wallet's side paid. */
function gainOfOthers(landed: LandedTransaction, wallet: string, mint: Mint): bigint {
  let gain = 0n;
  for (const account of landed.tokenAccounts)
    if (account.mint === mint && account.owner !== wallet) gain += account.after - account.before;
  return gain;
}
