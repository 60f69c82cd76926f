import type { Attempt } from '../../domain/attempt.ts';
import { type Failure, type FailureCode, failure } from '../../domain/failure.ts';
import type { Order } from '../../domain/order.ts';
import type { TransactionError } from '../../ports/chain.ts';
import { describeFigures, moveOf } from '../building/describe-figures.ts';
import type { Ports } from '../ports.ts';
import type { ShownRevert } from '../proofs/prove-reverted.ts';

const CODE_OF_REVERT: Partial<Record<TransactionError['kind'], FailureCode>> = {
  slippage: 'slippage_exceeded',
  receiptExists: 'receipt_exists',
};

/** Why a landed attempt reverted, in words and with the order's figures, as for a failed simulation. */
export async function describeRevert(
  ports: Ports,
  attempt: Attempt,
  { slot, error }: ShownRevert,
): Promise<Failure> {
  const code = CODE_OF_REVERT[error.kind] ?? 'transaction_reverted';
  const said = `Landed in slot ${slot} and reverted: ${error.text}.`;
  const order = await ports.orders.get(attempt.orderId);
  if (!order) return failure(code, said);
  const figures = await figuresOf(ports, { order, attempt, error });
  return failure(code, said + figures, moveOf(order, { error, limitAmount: order.limitAmount }));
}

/** If the wallet cannot be read now, the order continues with the chain's own message. */
async function figuresOf(
  ports: Ports,
  { order, attempt, error }: { order: Order; attempt: Attempt; error: TransactionError },
): Promise<string> {
  try {
    return await describeFigures(ports, order, { error, limitAmount: order.limitAmount });
  } catch (cause) {
    ports.log.warn(
      { signature: attempt.signature, error: cause },
      'wallet balance after a revert unavailable',
    );
    return '';
  }
}
