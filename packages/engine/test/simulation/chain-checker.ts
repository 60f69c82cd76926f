import { accountOf, type MemoryChain } from '../../src/adapters/memory/chain.ts';
import { FEE_LAMPORTS, RECEIPT_LAMPORTS } from '../../src/adapters/memory/ledger.ts';
import { splitTransaction } from '../../src/adapters/memory/message.ts';
import type { OrderId } from '../../src/domain/order.ts';
import type { Signature } from '../../src/domain/signature.ts';
import type { Token } from '../../src/domain/token.ts';
import { SOL, USDC, WALLET } from '../support/world.ts';
import type { createOrderChecker, KnownOrder } from './order-checker.ts';
import type { createReceiptChecker } from './receipt-checker.ts';
import { hold } from './violation.ts';

/** What the chain's own ledger says, against what was recorded. */
export function createChainChecker(
  chain: MemoryChain,
  orders: ReturnType<typeof createOrderChecker>,
  receipts: ReturnType<typeof createReceiptChecker>,
) {
  const orderOfSignature = new Map<Signature, OrderId>();
  const opening = balances();

  function balances() {
    return { sol: chain.balanceOf(accountOf(WALLET, SOL)), usdc: chain.balanceOf(accountOf(WALLET, USDC)) };
  }

  const isStanding = (signature: Signature): boolean =>
    chain.history
      .landings(signature)
      .some(({ droppedAtSlot, execution }) => droppedAtSlot === null && !execution.error);

  return {
    /** I2: bytes leave a process only as a committed attempt or blocker, or to close receipts. */
    sent(orderId: OrderId, bytes: Uint8Array): void {
      const { signature } = splitTransaction(bytes);
      if (receipts.orderOf(signature) === orderId) return;
      if (orderId === '') {
        receipts.closingSent(bytes);
        return;
      }
      const attempt = orders.known(orderId)?.attempts.find((one) => one.signature === signature);
      hold(
        attempt !== undefined && Buffer.compare(attempt.bytes, bytes) === 0,
        'I2',
        () => `order ${orderId} sent ${signature.slice(0, 8)}…, which is not recorded`,
      );
      orderOfSignature.set(signature, orderId);
    },

    /** I1 and I4, after each block. */
    produced(): void {
      const landings = chain.landed();
      for (let index = landings.length - 1; index >= 0; index -= 1) {
        const { slot, execution } = landings[index]!;
        if (slot !== chain.slot()) break;
        if (execution.error || receipts.isClosing(execution.signature)) continue;
        const blocked = receipts.orderOf(execution.signature);
        const named = blocked ?? orderOfSignature.get(execution.signature);
        const known = named === undefined ? undefined : orders.known(named);
        hold(known !== undefined, 'I2', () => `${execution.signature.slice(0, 8)}… landed for no order`);
        const { orderId } = known.order.request;
        const standing = known.attempts.filter(({ signature }) => isStanding(signature));
        const isSwapped = standing.length > 0;
        hold(
          !isSwapped || !receipts.isBlocked(orderId),
          'I15',
          () => `order ${orderId} swapped though blocked`,
        );
        if (blocked !== undefined) continue;
        hold(standing.length === 1, 'I1', () => `order ${orderId} swapped ${standing.length} times`);
        const { state, attemptNumber } = standing[0]!;
        hold(
          state === 'open' || state === 'landed',
          'I4',
          () => `attempt ${attemptNumber} of order ${orderId} landed after it was closed as ${state}`,
        );
      }
    },

    /** I6, I10 and I15, when everything is final. */
    finish(): void {
      let [sol, usdc] = [opening.sol, opening.usdc];
      const move = (token: Token, amount: bigint): void => {
        if (token.mint === SOL.mint) sol += amount;
        else usdc += amount;
      };
      for (const known of orders.all()) {
        const swapped = known.attempts.filter(({ signature }) => isStanding(signature));
        checkOutcome(known, swapped.length);
        const { fill, request } = known.order;
        if (!fill) continue;
        move(request.tokenIn, -fill.amountIn);
        move(request.tokenOut, fill.amountOut);
        const rent = request.executionGuard === 'strict' ? RECEIPT_LAMPORTS : 0n;
        sol -= rent;
        hold(
          fill.fees.networkLamports === FEE_LAMPORTS &&
            fill.fees.rentLamports === rent &&
            fill.fees.rentRefundedLamports === 0n,
          'I10',
          () =>
            `order ${request.orderId} reports the fees ${fill.fees.networkLamports}, ${fill.fees.rentLamports}`,
        );
      }
      sol += receipts.finish();
      sol -= FEE_LAMPORTS * BigInt(chain.landed().length);
      const closing = balances();
      hold(
        closing.sol === sol && closing.usdc === usdc,
        'I10',
        () =>
          `by the fills the wallet holds ${sol} lamports and ${usdc}, it has ${closing.sol} and ${closing.usdc}`,
      );
    },
  };
}

function checkOutcome({ order, events }: KnownOrder, swaps: number): void {
  const { orderId } = order.request;
  const isConfirmed = order.status === 'confirmed';
  hold(
    swaps === Number(isConfirmed) && (order.fill !== null) === isConfirmed,
    'I6',
    () => `order ${orderId} is ${order.status} with ${swaps} swaps in the chain`,
  );
  hold(
    order.finalized === isConfirmed,
    'I6',
    () => `order ${orderId} is ${order.status}, its log says it is ${order.finalized ? '' : 'not '}final`,
  );
  const ends = events.filter(
    ({ type }, index) => ENDS.has(type) && events[index + 1]?.type !== 'order.reorged',
  );
  hold(ends.length === 1, 'I6', () => `order ${orderId} has ${ends.length} terminal events`);
}

const ENDS: ReadonlySet<string> = new Set([
  'order.confirmed',
  'order.failed',
  'order.canceled',
  'order.expired',
]);
