import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import { decodeMessage, splitTransaction } from '../../src/adapters/memory/message.ts';
import { type BlockHeight, heightAfter } from '../../src/domain/block-height.ts';

/** The last height at which a block can take these bytes: by their blockhash, whatever a node said of it when they were signed. */
export const lastHeightOf = ({ history, blockhashBlocks }: MemoryChain, bytes: Uint8Array): BlockHeight =>
  heightAfter(
    history.heightAt(BigInt(decodeMessage(splitTransaction(bytes).message).blockhash)),
    BigInt(blockhashBlocks),
  );
