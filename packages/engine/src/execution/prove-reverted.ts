import type { Attempt } from '../domain/attempt.ts';
import type { ChainNode, SignatureStatus } from '../ports/chain.ts';
import type { World } from './world.ts';

/**
 * Whether an attempt that a node shows as executed with an error has reverted for good. Only at `finalized`: a fork
 * that drops the block earlier would let the same bytes land after all, beside those of a next try. Where there are two
 * or more nodes, two must say so. An error of a node is no answer.
 */
export async function proveReverted(
  world: World,
  attempt: Attempt,
  status: SignatureStatus,
): Promise<boolean> {
  if (!isFinalRevert(status)) return false;
  const { nodes } = world.chain;
  if (nodes.length === 1) return true;
  let agreeing = 0;
  for (const node of nodes) {
    if (await showsRevert(world, node, attempt)) agreeing += 1;
    if (agreeing === 2) return true;
  }
  return false;
}

async function showsRevert(world: World, node: ChainNode, { signature }: Attempt): Promise<boolean> {
  try {
    const { statuses } = await node.signatureStatuses([signature], { searchHistory: true });
    return isFinalRevert(statuses[0]);
  } catch (error) {
    world.log.warn({ node: node.name, error }, 'node cannot prove a revert now');
    return false;
  }
}

const isFinalRevert = (status: SignatureStatus | null | undefined): boolean =>
  status?.commitment === 'finalized' && status.error !== null;
