import type { Order, OrderId } from '../../domain/order.ts';
import type { AttemptChange } from '../../domain/order-change.ts';
import type { Clock } from '../../ports/clock.ts';
import { RECEIPT_LEASE_MS, type ReceiptStore, type StoredReceipt } from '../../ports/receipt-store.ts';
import { frozenCopy } from './frozen-copy.ts';

interface Entry {
  receipt: StoredReceipt;
  /** Null before the first lease. */
  leasedUntilMs: number | null;
}

/** Receipts in the memory of this process, beside the orders of the in-process store. */
export function createMemoryReceiptStore(
  clock: Pick<Clock, 'now'>,
  orderOf: (orderId: OrderId) => Order | undefined,
) {
  const entries = new Map<OrderId, Entry>();

  const isBlockable = ({ receipt }: Entry): boolean => {
    const order = orderOf(receipt.orderId);
    return (
      order?.status === 'submitted' && order.cancelRequested && order.attemptNumber === receipt.attemptNumber
    );
  };

  const hasLiveLease = ({ leasedUntilMs }: Entry): boolean => {
    const leftMs = (leasedUntilMs ?? 0) - clock.now();
    return leftMs > 0 && leftMs <= 2 * RECEIPT_LEASE_MS; // A clock that was ahead wrote what would last longer.
  };

  const isOver = ({ receipt }: Entry): boolean => {
    const order = orderOf(receipt.orderId);
    return (
      order !== undefined && (order.finalized || ['failed', 'canceled', 'expired'].includes(order.status))
    );
  };

  const store: ReceiptStore = {
    receiptsToBlock: async (orderIds) =>
      orderIds.flatMap((orderId) => {
        const entry = entries.get(orderId);
        return entry && isBlockable(entry) ? [frozenCopy(entry.receipt)] : [];
      }),
    recordBlocker: async (orderId, blocker, replaces) => {
      const entry = entries.get(orderId);
      if (!entry || !isBlockable(entry)) return false;
      const recorded = entry.receipt.blocker?.signature ?? null;
      if (recorded !== replaces && recorded !== blocker.signature) return false;
      entry.receipt = frozenCopy({ ...entry.receipt, blocker });
      return true;
    },
    claimReceiptsToClose: async ({ finalizedHeight, limit, leaseMs }) => {
      const due = [...entries.values()]
        .filter(
          (entry) =>
            entry.receipt.lastValidBlockHeight < finalizedHeight &&
            (entry.receipt.blocker?.lastValidBlockHeight ?? 0n) < finalizedHeight &&
            !hasLiveLease(entry) &&
            isOver(entry),
        )
        .sort((a, b) => Number(a.receipt.lastValidBlockHeight - b.receipt.lastValidBlockHeight))
        .slice(0, limit);
      for (const entry of due) entry.leasedUntilMs = clock.now() + leaseMs;
      return due.map(({ receipt }) => frozenCopy(receipt));
    },
    forgetReceipts: async (orderIds) => {
      for (const orderId of orderIds) entries.delete(orderId);
    },
  };

  return {
    ...store,
    /** Stores the receipt of an attempt that is being recorded, in place of an earlier attempt's. */
    keep({ attempt, receipt }: Extract<AttemptChange, { kind: 'record' }>): void {
      if (!receipt) return;
      const { orderId, attemptNumber, lastValidBlockHeight, fillAccounts } = attempt;
      const known = entries.get(orderId);
      const earlier = known?.receipt.lastValidBlockHeight ?? 0n;
      entries.set(orderId, {
        receipt: frozenCopy({
          ...receipt,
          orderId,
          wallet: fillAccounts.payer,
          attemptNumber,
          lastValidBlockHeight: lastValidBlockHeight > earlier ? lastValidBlockHeight : earlier,
          blocker: known?.receipt.blocker ?? null,
        }),
        leasedUntilMs: known?.leasedUntilMs ?? null,
      });
    },
  };
}
