import type { DevnetNode } from '../node.ts';

/** As many blocks as Agave's status cache covers; older ones are found with `searchTransactionHistory` only. */
const RECENT_BLOCKS = 300;

/** How far a landed transaction is, in the shape of `getSignatureStatuses`; null where it has not landed. */
export function signatureStatus(node: DevnetNode, signature: string, options: { searchHistory: boolean }) {
  const entry = node.ledger.history.find(signature);
  if (entry === undefined) return null;
  const { history } = node.chain;
  const { slot, error } = entry;
  if (!options.searchHistory && slot < (history.all.at(-RECENT_BLOCKS)?.slot ?? 0)) return null;
  const confirmationStatus = commitmentOfSlot(node, slot);
  return {
    slot,
    confirmations: confirmationStatus === 'finalized' ? null : countBlocksAfter(node, slot),
    status: error === null ? { Ok: null } : { Err: error },
    err: error,
    confirmationStatus,
  };
}

export function commitmentOfSlot({ chain }: DevnetNode, slot: number) {
  if (slot <= chain.history.at('finalized').slot) return 'finalized';
  return slot <= chain.history.at('confirmed').slot ? 'confirmed' : 'processed';
}

function countBlocksAfter({ chain }: DevnetNode, slot: number): number {
  let count = 0;
  for (let index = chain.history.all.length - 1; index >= 0; index -= 1) {
    if (chain.history.all[index]!.slot <= slot) break;
    count += 1;
  }
  return count;
}
