import type { BaseUnits } from '../../domain/amount.ts';
import type { Attempt } from '../../domain/attempt.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import type { Signature } from '../../domain/signature.ts';
import { ChainUnavailable, type LandedTransaction } from '../../ports/chain.ts';

/** A node returned a transaction that cannot be the requested one: an error of the node, and never a fill. */
export class AnotherTransaction extends ChainUnavailable {
  override name = 'AnotherTransaction';
}

/**
 * The signature, payer and memo are compared with what was signed.
 * @throws {AnotherTransaction} One of them differs.
 */
export function requireOwn({ orderId, signature, fillAccounts }: Attempt, landed: LandedTransaction): void {
  const isOurs = landed.payer === fillAccounts.payer && namesOrder(landed, orderId);
  if (landed.signature === signature && isOurs) return;
  const shown = `${landed.signature} of ${landed.payer} with the memo ${landed.memo}`;
  throw new AnotherTransaction(`asked for ${signature} of order ${orderId}, a node shows ${shown}`);
}

/** Whether the memo names the order, whichever its attempt: a recovered attempt may have another number than its memo. */
export const namesOrder = ({ memo }: Pick<LandedTransaction, 'memo'>, orderId: OrderId): boolean =>
  memo?.startsWith(`${orderId}/`) === true;

interface Moved {
  readonly amountIn: BaseUnits;
  readonly amountOut: BaseUnits;
}

/**
 * The amounts are compared with the order's own bounds, which the chain enforced when the transaction landed.
 * @throws {AnotherTransaction} It spent more than the order allows, or delivered less.
 */
export function requireWithinBounds(
  { request, limitAmount }: Order,
  signature: Signature,
  moved: Moved,
): void {
  const { swapMode, amount, minAmountOut, maxAmountIn } = request;
  const { amountIn, amountOut } = moved;
  const most = swapMode === 'exactOut' ? (limitAmount ?? maxAmountIn ?? amountIn) : amount;
  const least = swapMode === 'exactOut' ? amount : (limitAmount ?? minAmountOut ?? 0n);
  // A part must deliver its share of the minimum for the whole.
  const isEnough = swapMode === 'partialFill' ? amountOut * amount >= least * amountIn : amountOut >= least;
  if (amountIn <= most && isEnough) return;
  throw new AnotherTransaction(
    `a node shows ${signature} with ${amountIn} in and ${amountOut} out, order ${request.orderId} allows at most ${most} and at least ${least}`,
  );
}
