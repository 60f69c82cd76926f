import type { Block } from '../chain/block.ts';
import type { Chain } from '../chain/chain.ts';

/** Parent hash of the first block: 32 zero bytes. */
const NO_BLOCKHASH = '11111111111111111111111111111111';

/** The hash of the previous block; the first block has none. */
export function previousBlockhash({ history }: Chain, { slot, parentSlot }: Block): string {
  return slot === 0 ? NO_BLOCKHASH : (history.findSlot(parentSlot)?.blockhash ?? NO_BLOCKHASH);
}
