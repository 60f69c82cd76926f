import type { BlockEvent } from '../chain/chain.ts';

/**
 * What a validator tells of a slot's way from its first bytes to finality, in its order. A block of the devnet comes as
 * a whole, so that the first steps fall together.
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
