import type { Attempt } from '../../domain/attempt.ts';
import type { TransactionError } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';
import type { ShownRevert } from '../proofs/prove-reverted.ts';

/**
 * Why an attempt reverted, by a status alone: that holds a code, the transaction's logs also which program failed with it. A
 * node that cannot show them changes no fact, so the status has to do then.
 */
export async function readRevert(
  ports: Ports,
  { signature }: Attempt,
  status: { readonly slot: bigint; readonly error: TransactionError },
): Promise<ShownRevert> {
  for (const node of ports.chain.nodes) {
    try {
      const landed = await node.transaction(signature, 'finalized');
      if (landed?.signature === signature && landed.error) return { slot: status.slot, error: landed.error };
    } catch (error) {
      ports.log.warn({ node: node.name, signature, error }, 'logs of a reverted transaction unavailable');
    }
  }
  return { slot: status.slot, error: status.error };
}
