import type { Attempt } from '../../domain/attempt.ts';
import type { ChainNode, SignatureStatus, TransactionError } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import { requireOwn } from './own-transaction.ts';

/** An error with which a transaction was executed, as its logs tell it. */
export interface ShownRevert {
  readonly slot: bigint;
  readonly error: TransactionError;
}

const PROVEN_AT = 'finalized';

/**
 * How an attempt that a node shows as executed with an error has reverted for good; null if that is not proven. Only at
 * `finalized`: a fork that drops the block earlier would let the same bytes land after all, beside those of a next try. A
 * node must show the transaction itself with its error too: a status is one word, and a node that contradicts itself proves
 * nothing. Where there are two or more nodes, two must say so. An error of a node is no answer.
 */
export const proveReverted = async (
  ports: Ports,
  attempt: Attempt,
  status: SignatureStatus,
): Promise<ShownRevert | null> => (isFinalRevert(status) ? findRevert(ports, attempt) : null);

/** The same proof, whatever is known of the attempt's status. */
export async function findRevert(ports: Ports, attempt: Attempt): Promise<ShownRevert | null> {
  const { nodes } = ports.chain;
  const needed = Math.min(nodes.length, 2);
  const shown: ShownRevert[] = [];
  for (const node of nodes) {
    const revert = await revertAt(ports, node, attempt);
    if (revert) shown.push(revert);
    if (shown.length === needed) return shown[0] ?? null;
  }
  return null;
}

async function revertAt(ports: Ports, node: ChainNode, attempt: Attempt): Promise<ShownRevert | null> {
  const { signature } = attempt;
  try {
    const { statuses } = await node.signatureStatuses([signature], { searchHistory: true });
    if (!isFinalRevert(statuses[0])) return null;
    const shown = await node.transaction(signature, PROVEN_AT);
    if (!shown) return null;
    requireOwn(attempt, shown);
    return shown.error && { slot: shown.slot, error: shown.error };
  } catch (error) {
    ports.log.warn({ node: node.name, error }, 'node cannot prove a revert now');
    return null;
  }
}

const isFinalRevert = (status: SignatureStatus | null | undefined): boolean =>
  status?.commitment === PROVEN_AT && status.error !== null;
