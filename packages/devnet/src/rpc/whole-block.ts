import type { Block } from '../chain/block.ts';
import type { Chain } from '../chain/chain.ts';

/** What the first block of all names as its parent's hash: 32 zero bytes. */
const NO_BLOCKHASH = '11111111111111111111111111111111';

/** The hash of the block before one. The first of all has none before it. */
export function previousBlockhash({ history }: Chain, { slot, parentSlot }: Block): string {
  return slot === 0 ? NO_BLOCKHASH : (history.findSlot(parentSlot)?.blockhash ?? NO_BLOCKHASH);
}
