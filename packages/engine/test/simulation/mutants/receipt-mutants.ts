import type { Mutant } from '../mutant.ts';

/** Receipts, and the cancel that they make possible. */
export const RECEIPT_MUTANTS: readonly Mutant[] = [
  {
    name: 'receipt-closed-early',
    why: 'the order is over, so its receipt is of no use',
    file: 'execution/upkeep/close-receipts.ts',
    find: 'finalizedHeight: finalized.blockHeight,',
    replace: 'finalizedHeight: finalized.blockHeight + 1_000n,',
  },
  {
    name: 'blocker-not-recorded',
    why: 'a transaction that swaps nothing can do no harm',
    file: 'execution/attempts/block-attempts.ts',
    find: '|| !(await ports.orders.recordBlocker(orderId, blocker, known?.signature ?? null))',
    replace: '',
  },
  {
    name: 'receipt-taken-for-a-cancel',
    why: 'the receipt exists, so the swap cannot land any more',
    file: 'execution/attempts/block-attempts.ts',
    find: 'history.statuses[index] === null || history.statuses[index]?.error',
    replace: 'history.statuses.length > index',
  },
  {
    name: 'cancel-before-final',
    why: 'a confirmed receipt is as good as a final one',
    file: 'adapters/memory/chain-node.ts',
    find: 'const contextSlot = history.finalizedAt(seen());',
    replace: 'const contextSlot = seen();',
  },
];
