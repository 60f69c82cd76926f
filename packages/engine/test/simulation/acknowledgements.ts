import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import type { BlockHeight } from '../../src/domain/block-height.ts';
import type { Signature } from '../../src/domain/signature.ts';

/** No node is behind by more. */
const MOST_LAG_SLOTS = 40n;

/** Which bytes nodes took while they could land, by the chain itself. */
export function createAcknowledgements(chain: MemoryChain) {
  const finalHeights = new Map<Signature, BlockHeight>();
  return {
    /** A node's answer that it took these has arrived. */
    note(signature: Signature): void {
      const { history } = chain;
      const slot = history.finalizedAt(chain.slot()) - MOST_LAG_SLOTS;
      if (!finalHeights.has(signature)) finalHeights.set(signature, history.heightAt(slot));
    },
    /** Some node could still say after that, however far behind it was, that they can land; or they were in a block. */
    wasTaken(signature: Signature, lastValidBlockHeight: BlockHeight): boolean {
      const height = finalHeights.get(signature);
      const isInTime = height !== undefined && height <= lastValidBlockHeight;
      return isInTime || chain.history.landings(signature).length > 0;
    },
  };
}
