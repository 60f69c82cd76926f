import type { Attempt } from '../domain/attempt.ts';
import type { SignatureStatus } from '../ports/chain.ts';
import type { World } from './world.ts';

/**
 * Whether an attempt that the first node shows as executed with an error has reverted for good. Only at `finalized`: a
 * fork that drops the block earlier would let the same bytes land after all, beside those of a next try. Where there
 * are two or more nodes, a second one says the same. An error of a node is no answer.
 */
export async function proveReverted(
  world: World,
  attempt: Attempt,
  status: SignatureStatus,
): Promise<boolean> {
  if (!isFinalRevert(status)) return false;
  const others = world.chain.nodes.slice(1);
  if (others.length === 0) return true;
  for (const node of others) {
    try {
      const { statuses } = await node.signatureStatuses([attempt.signature], { searchHistory: true });
      if (isFinalRevert(statuses[0])) return true;
    } catch (error) {
      world.log.warn({ node: node.name, error }, 'node cannot prove a revert now');
    }
  }
  return false;
}

const isFinalRevert = (status: SignatureStatus | null | undefined): boolean =>
  status?.commitment === 'finalized' && status.error !== null;
