import type { AttemptWatch } from './attempt-watch.ts';
import { proveBlocked, sendBlockers } from './block-attempts.ts';
import { settleBlocked } from './settle-order.ts';

/**
 * Handles each strict order in flight whose client has asked to cancel it: sends its receipt's
 * blocker instead of its swap, and closes the attempt once it is proved that the swap can never land.
 */
export async function blockCanceled(watch: AttemptWatch): Promise<void> {
  const { ports, open } = watch;
  const strict = [...open.values()].filter(({ order }) => order?.request.executionGuard !== 'protocol');
  const orderIds = strict.map(({ attempt }) => attempt.orderId);
  const receipts = orderIds.length === 0 ? [] : await ports.orders.receiptsToBlock(orderIds);
  watch.blocking = new Map(receipts.map((receipt) => [receipt.orderId, receipt]));
  if (receipts.length === 0) return;
  await sendBlockers(ports, receipts);
  const candidates = strict.flatMap(({ attempt }) => {
    const receipt = watch.blocking.get(attempt.orderId);
    return receipt?.attemptNumber === attempt.attemptNumber ? [{ attempt, receipt }] : [];
  });
  for (const attempt of await proveBlocked(ports, candidates)) {
    await settleBlocked(ports, attempt);
    open.delete(attempt.signature);
  }
}
