import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import { decodeMessage, splitTransaction } from '../../src/adapters/memory/message.ts';

/** The last height at which a block can take these bytes: by their blockhash, whatever a node said of it when they were signed. */
export const lastHeightOf = ({ history, blockhashBlocks }: MemoryChain, bytes: Uint8Array): bigint =>
  history.heightAt(BigInt(decodeMessage(splitTransaction(bytes).message).blockhash)) +
  BigInt(blockhashBlocks);
