import type { BlockEvent } from '../chain/chain.ts';

/**
 * A validator's notifications of a slot from its first bytes to finality, in order. A block of the devnet arrives as a
 * whole, so the first stages coincide.
 *
 * @param ahead Slots by which the node counts ahead of the chain.
 */
export function slotUpdatesOf({ block, confirmed, finalized }: BlockEvent, ahead: number) {
  const timestamp = Date.now();
  const slot = block.slot + ahead;
  const failed = block.transactions.filter(({ error }) => error !== null).length;
  const count = block.transactions.length;
  return [
    { type: 'firstShredReceived', slot, timestamp },
    { type: 'completed', slot, timestamp },
    { type: 'createdBank', slot, timestamp, parent: block.parentSlot + ahead },
    {
      type: 'frozen',
      slot,
      timestamp,
      stats: {
        numTransactionEntries: count === 0 ? 0 : 1,
        numSuccessfulTransactions: count - failed,
        numFailedTransactions: failed,
        maxTransactionsPerEntry: count,
      },
    },
    { type: 'optimisticConfirmation', slot: confirmed.slot + ahead, timestamp },
    { type: 'root', slot: finalized.slot + ahead, timestamp },
  ];
}
