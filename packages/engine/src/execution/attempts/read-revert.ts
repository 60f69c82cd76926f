import type { Attempt } from '../../domain/attempt.ts';
import type { SignatureStatus, TransactionError } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';

/**
 * Why an attempt reverted: a status holds a code alone, the transaction's logs also which program failed with it. A node
 * that cannot show them changes no fact, so the status has to do then.
 */
export async function readRevert(
  ports: Ports,
  { signature }: Attempt,
  status: SignatureStatus,
): Promise<TransactionError | null> {
  for (const node of ports.chain.nodes) {
    try {
      const landed = await node.transaction(signature, 'finalized');
      if (landed?.signature === signature && landed.error) return landed.error;
    } catch (error) {
      ports.log.warn({ node: node.name, signature, error }, 'logs of a reverted transaction unavailable');
    }
  }
  return status.error;
}
