import type { ChainView } from '../chain/chain-view.ts';

/** As many blocks as Agave's status cache covers; older ones are found with `searchTransactionHistory` only. */
const RECENT_BLOCKS = 300;

/** The status of a landed transaction in the shape of `getSignatureStatuses`; null if it has not landed. */
export function signatureStatus(view: ChainView, signature: string, options: { searchHistory: boolean }) {
  const entry = view.find(signature);
  if (entry === undefined) return null;
  const { slot, error } = entry;
  if (!options.searchHistory && slot < (view.chain.history.all.at(-RECENT_BLOCKS)?.slot ?? 0)) return null;
  const confirmationStatus = view.commitmentOf(slot);
  return {
    slot,
    confirmations: confirmationStatus === 'finalized' ? null : countBlocksAfter(view, slot),
    status: error === null ? { Ok: null } : { Err: error },
    err: error,
    confirmationStatus,
  };
}

function countBlocksAfter(view: ChainView, slot: number): number {
  const { height } = view.at('processed');
  const block = view.chain.history.findSlot(slot);
  return block === undefined ? 0 : height - block.height;
}
