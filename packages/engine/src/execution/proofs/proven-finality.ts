import { type BlockHeight, compareHeights } from '../../domain/block-height.ts';
import type { Ports } from '../ports.ts';

interface Finality {
  readonly blockHeight: BlockHeight;
  readonly absoluteSlot: bigint;
}

/** The height up to which the chain is proven final: one node's answer, or the second highest of two or more nodes. */
export async function provenFinality({ chain, log }: Ports): Promise<Finality | undefined> {
  const answers: Finality[] = [];
  for (const node of chain.nodes) {
    try {
      answers.push(await node.finalizedEpoch());
    } catch (error) {
      log.debug({ node: node.name, error }, 'node finality unavailable');
    }
  }
  answers.sort((a, b) => compareHeights(b.blockHeight, a.blockHeight));
  return answers[Math.min(chain.nodes.length, 2) - 1];
}
