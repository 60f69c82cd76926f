import { formatAmount } from '../../domain/amount.ts';
import { type Attempt, type FillAccounts, recordedAgoMs } from '../../domain/attempt.ts';
import type { Order } from '../../domain/order.ts';
import type { FillRecord } from '../../domain/order-event.ts';
import { showRent, splitRent } from '../../domain/rent.ts';
import { type Mint, SOL_DECIMALS, SOL_MINT } from '../../domain/token.ts';
import type { ChainNode, LandedTransaction } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import { AnotherTransaction, requireOwn, requireWithinBounds } from '../proofs/own-transaction.ts';
import { fillAmounts } from './fill-amounts.ts';

interface LandedSwap {
  readonly order: Order;
  readonly attempt: Attempt;
}

interface ShownFill {
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
  const { anyNode, nodes } = ports.chain;
  let failed: unknown;
  for (const node of nodes.length === 1 ? nodes : [anyNode, ...nodes]) {
    try {
      const shown = await fillAt(ports, node, { ...swap, commitment: 'confirmed' });
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
 * The fill that is kept for good. The engine cannot check its slot, fee and rent by itself, so if two nodes answer
 * two nodes must agree; the engine does not wait for an unavailable node. Null if it cannot be read yet.
 *
 * @throws {AnotherTransaction} The nodes differ.
 */
export async function readFinalFill(ports: Ports, swap: LandedSwap): Promise<ShownFill | null> {
  const answers = await Promise.allSettled(
    ports.chain.nodes.map((node) => fillAt(ports, node, { ...swap, commitment: 'finalized' })),
  );
  const answered = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const shown = answered.filter((one) => one !== null && one !== 'reverted');
  const isLate = recordedAgoMs(swap.attempt, ports.clock.now()) > ports.limits.lateNodeMs;
  const [first] = shown;
  if (!first && answered.length === 0) throw (answers[0] as PromiseRejectedResult).reason;
  if (!first || (shown.length < Math.min(answered.length, 2) && !isLate)) return null;
  const tellers = (told: ShownFill): number =>
    shown.filter((one) => JSON.stringify(one.fill) === JSON.stringify(told.fill)).length;
  const agreed = shown.find((one) => tellers(one) >= Math.min(shown.length, 2));
  if (agreed) return agreed;
  throw new AnotherTransaction(`nodes disagree about the slot, fee or amounts of ${swap.attempt.signature}`);
}

/**
 * @returns `reverted` where the node shows it with an error: it did nothing. Null where the node does not have it.
 * @throws {ChainUnavailable} The node is unavailable, or returned another transaction.
 */
async function fillAt(
  ports: Ports,
  node: ChainNode,
  { order, attempt, commitment }: LandedSwap & { readonly commitment: 'confirmed' | 'finalized' },
): Promise<ShownFill | 'reverted' | null> {
  const landed = await node.transaction(attempt.signature, commitment);
  try {
    if (!landed) return null;
    requireOwn(attempt, landed);
    if (landed.error) return 'reverted';
    const { slot, computeUnits } = landed;
    return { slot, fill: fillRecord(order, attempt, landed), computeUnits };
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
