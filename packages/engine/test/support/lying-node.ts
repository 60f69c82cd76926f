import { createMemoryChain } from '../../src/adapters/memory/chain.ts';
import type { ChainNode } from '../../src/ports/chain.ts';

/** A node of another operator that answers some questions in its own way, and every other one as `node` does. */
export const lyingNode = (node: ChainNode, lies: Partial<ChainNode>): ChainNode => ({ ...node, ...lies });

/** A node that knows of no transaction at all while it denies, and is right about everything else. */
export const denyingNode = (node: ChainNode, denies: () => boolean = () => true): ChainNode =>
  lyingNode(node, {
    async signatureStatuses(signatures, options) {
      const answer = await node.signatureStatuses(signatures, options);
      return denies() ? { ...answer, statuses: signatures.map(() => null) } : answer;
    },
    transaction: async (...question) => (denies() ? null : node.transaction(...question)),
  });

/** A node of a chain without pools on which nothing happens, that answers these questions in its own way. */
export const idleNode = (lies: Partial<ChainNode>): ChainNode =>
  lyingNode(createMemoryChain({ pools: [], blocks: 'manual' }).chain.anyNode, lies);

/** A node that cannot be reached. */
export function unreachableNode(name: string): ChainNode {
  const { chain, faults } = createMemoryChain({ pools: [], blocks: 'manual' });
  faults.down = true;
  return lyingNode(chain.anyNode, { name });
}
