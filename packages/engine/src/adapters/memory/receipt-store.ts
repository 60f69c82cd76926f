import { type BlockHeight, compareHeights, higherOf } from '../../domain/block-height.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import type { AttemptChange } from '../../domain/order-change.ts';
import type { Receipt } from '../../domain/receipt.ts';
import type { Clock } from '../../ports/clock.ts';
import { RECEIPT_LEASE_MS, type ReceiptStore, type StoredReceipt } from '../../ports/receipt-store.ts';
import { frozenCopy } from './frozen-copy.ts';

type RecordedAttempt = Extract<AttemptChange, { kind: 'record' }>;

interface Entry {
  receipt: StoredReceipt;
  /** Null before the first lease. */
  leasedUntilMs: number | null;
}

/** Receipts in the memory of this process, for the orders of the in-process store. */
export function createMemoryReceiptStore(
  clock: Pick<Clock, 'now'>,
  orderOf: (orderId: OrderId) => Order | undefined,
) {
  const entries = new Map<OrderId, Entry>();

  const isBlockable = ({ receipt }: Entry): boolean => isBeingCanceled(orderOf(receipt.orderId), receipt);

  const mayClose = (entry: Entry, finalizedHeight: BlockHeight): boolean =>
    lastHeightOf(entry) < finalizedHeight &&
    !hasLiveLease(entry, clock.now()) &&
    isOver(orderOf(entry.receipt.orderId));

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
        .filter((entry) => mayClose(entry, finalizedHeight))
        .sort((a, b) => compareHeights(a.receipt.lastValidBlockHeight, b.receipt.lastValidBlockHeight))
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
    has: (orderId: OrderId): boolean => entries.has(orderId),
    /** Stores the receipt of a new attempt, in place of an earlier attempt's. */
    keep({ attempt, receipt }: RecordedAttempt): void {
      if (!receipt) return;
      const { orderId } = attempt;
      entries.set(orderId, nextEntry(entries.get(orderId), { attempt, receipt }));
    },
  };
}

/** The entry of an attempt's receipt. An earlier attempt's height still limits when the receipt may be closed. */
function nextEntry(
  known: Entry | undefined,
  { attempt, receipt }: { attempt: RecordedAttempt['attempt']; receipt: Receipt },
): Entry {
  const { orderId, attemptNumber, lastValidBlockHeight, fillAccounts } = attempt;
  const earlier = known?.receipt.lastValidBlockHeight;
  return {
    receipt: frozenCopy({
      ...receipt,
      orderId,
      wallet: fillAccounts.payer,
      attemptNumber,
      lastValidBlockHeight: earlier ? higherOf(earlier, lastValidBlockHeight) : lastValidBlockHeight,
      blocker: known?.receipt.blocker ?? null,
    }),
    leasedUntilMs: known?.leasedUntilMs ?? null,
  };
}

/** Whether a cancel of the order was requested, and the receipt belongs to its open attempt. */
const isBeingCanceled = (order: Order | undefined, { attemptNumber }: StoredReceipt): boolean =>
  order?.status === 'submitted' && order.cancelRequested && order.attemptNumber === attemptNumber;

const isOver = (order: Order | undefined): boolean =>
  order !== undefined && (order.finalized || ['failed', 'canceled', 'expired'].includes(order.status));

/** The height up to which a transaction that needs the receipt may land. */
function lastHeightOf({ receipt: { lastValidBlockHeight, blocker } }: Entry): BlockHeight {
  return blocker ? higherOf(blocker.lastValidBlockHeight, lastValidBlockHeight) : lastValidBlockHeight;
}

function hasLiveLease({ leasedUntilMs }: Entry, nowMs: number): boolean {
  const leftMs = (leasedUntilMs ?? 0) - nowMs;
  return leftMs > 0 && leftMs <= 2 * RECEIPT_LEASE_MS; // A longer lease was written by a clock that was ahead.
}
