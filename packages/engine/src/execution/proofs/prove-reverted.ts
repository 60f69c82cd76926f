import type { Attempt } from '../../domain/attempt.ts';
import type { ChainNode, SignatureStatus } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import { requireOwn } from './own-transaction.ts';

/**
 * Whether an attempt that a node shows as executed with an error has reverted for good. Only at `finalized`: a fork
 * that drops the block earlier would let the same bytes land after all, beside those of a next try. A node must show the
 * transaction itself with its error too: a status is one word, and a node that contradicts itself proves nothing. Where
 * there are two or more nodes, two must say so. An error of a node is no answer.
 */
export async function proveReverted(
  ports: Ports,
  attempt: Attempt,
  status: SignatureStatus,
): Promise<boolean> {
  if (!isFinalRevert(status)) return false;
  const { nodes } = ports.chain;
  const needed = Math.min(nodes.length, 2);
  let agreeing = 0;
  for (const node of nodes) {
    if (await showsRevert(ports, node, attempt)) agreeing += 1;
    if (agreeing === needed) return true;
  }
  return false;
}

async function showsRevert(ports: Ports, node: ChainNode, attempt: Attempt): Promise<boolean> {
  const { signature } = attempt;
  try {
    const { statuses } = await node.signatureStatuses([signature], { searchHistory: true });
    if (!isFinalRevert(statuses[0])) return false;
    const shown = await node.transaction(signature, 'finalized');
    if (!shown) return false;
    requireOwn(attempt, shown);
    return shown.error !== null;
  } catch (error) {
    ports.log.warn({ node: node.name, error }, 'node cannot prove a revert now');
    return false;
  }
}

const isFinalRevert = (status: SignatureStatus | null | undefined): boolean =>
  status?.commitment === 'finalized' && status.error !== null;
