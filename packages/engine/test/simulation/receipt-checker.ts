import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import { RECEIPT_LAMPORTS } from '../../src/adapters/memory/ledger.ts';
import { decodeClosing, decodeMessage, splitTransaction } from '../../src/adapters/memory/message.ts';
import type { OrderId } from '../../src/domain/order.ts';
import type { Signature } from '../../src/domain/signature.ts';
import type { Blocker } from '../../src/ports/receipt-store.ts';
import { isEnd } from './ends.ts';
import { lastHeightOf as lastHeightIn } from './last-height.ts';
import type { createOrderChecker } from './order-checker.ts';
import { hold } from './violation.ts';

/** Transactions that create or close receipts and swap nothing: what may be sent, and what they leave in the chain. */
export function createReceiptChecker(chain: MemoryChain, orders: ReturnType<typeof createOrderChecker>) {
  const blockers = new Map<Signature, Blocker & { readonly orderId: OrderId }>();
  const closings = new Map<Signature, readonly string[]>();

  const isStanding = (signature: Signature): boolean =>
    chain.history
      .landings(signature)
      .some(({ droppedAtSlot, execution }) => droppedAtSlot === null && !execution.error);

  const lastHeightOf = (bytes: Uint8Array) => lastHeightIn(chain, bytes);

  const blockersOf = (orderId: OrderId) => [...blockers.values()].filter((one) => one.orderId === orderId);

  /** Nothing could create it any more when it was given up, so nothing of its order can land after that. */
  function checkGivenUp(orderId: OrderId | undefined, what: 'closed' | 'forgotten'): void {
    const height = chain.history.heightAt(chain.history.finalizedAt(chain.slot()));
    const known = orderId === undefined ? undefined : orders.known(orderId);
    hold(known !== undefined, 'I15', () => `the receipt of no known order is ${what}`);
    const { order, attempts } = known;
    const isOver = order.status === 'confirmed' ? order.finalized : isEnd(order.status);
    hold(isOver, 'I15', () => `the receipt of order ${orderId} is ${what} while it is ${order.status}`);
    const last = [...attempts, ...blockersOf(order.request.orderId)].map(({ bytes }) => lastHeightOf(bytes));
    hold(
      last.every((lastValid) => lastValid < height),
      'I15',
      () => `the receipt of order ${orderId} is ${what} at final height ${height}, valid are ${last}`,
    );
  }

  return {
    recorded: (orderId: OrderId, blocker: Blocker): void =>
      void blockers.set(blocker.signature, { ...blocker, orderId }),
    isBlocker: (signature: Signature): boolean => blockers.has(signature),
    isClosing: (signature: Signature): boolean => closings.has(signature),
    orderOf: (signature: Signature): OrderId | undefined => blockers.get(signature)?.orderId,
    /** Whether the receipt of an order was created without its swap, in a block that is final if asked for. */
    isBlocked: (orderId: OrderId, finalizedSlot?: bigint): boolean =>
      blockersOf(orderId).some(({ signature }) =>
        chain.history
          .landings(signature)
          .some(
            ({ slot, droppedAtSlot, execution }) =>
              droppedAtSlot === null &&
              !execution.error &&
              (finalizedSlot === undefined || slot <= finalizedSlot),
          ),
      ),
    /** I2 and I15: bytes without an order are a closing, and it closes only what nothing can create any more. */
    closingSent(bytes: Uint8Array): void {
      const { signature, message } = splitTransaction(bytes);
      const { memo, instructions } = decodeMessage(message);
      hold(memo.startsWith('close '), 'I2', () => `${signature.slice(0, 8)}… is sent for no order`);
      const addresses = instructions.map(({ data }) => decodeClosing(data).address);
      if (!closings.has(signature))
        for (const address of addresses) checkGivenUp(orders.ownerOf(address), 'closed');
      closings.set(signature, addresses);
    },
    /** I15: what is forgotten does not stand any more, or its rent would never come back. */
    forgotten(orderIds: readonly OrderId[]): void {
      for (const orderId of orderIds) {
        checkGivenUp(orderId, 'forgotten');
        const lamports = chain.balanceOf(orders.receiptOf(orderId) ?? '');
        hold(
          lamports === 0n,
          'I15',
          () => `the receipt of order ${orderId} is forgotten and holds ${lamports}`,
        );
      }
    },
    /** I15, when everything is final: what every receipt holds, and what the wallet paid for blockers and got back. */
    finish(): bigint {
      const closed = [...closings].filter(([signature]) => isStanding(signature)).flatMap(([, one]) => one);
      for (const { order, attempts } of orders.all()) {
        const { orderId } = order.request;
        const address = orders.receiptOf(orderId);
        if (address === undefined) continue;
        const isCreated =
          attempts.some(({ signature }) => isStanding(signature)) ||
          blockersOf(orderId).some(({ signature }) => isStanding(signature));
        const expected = isCreated && !closed.includes(address) ? RECEIPT_LAMPORTS : 0n;
        const lamports = chain.balanceOf(address);
        hold(
          lamports === expected,
          'I15',
          () => `order ${orderId} is ${order.status}, its receipt holds ${lamports} and not ${expected}`,
        );
      }
      const paid = [...blockers.keys()].filter(isStanding).length;
      return RECEIPT_LAMPORTS * BigInt(closed.length - paid);
    },
  };
}
