import type { Signature } from '../../domain/signature.ts';
import { type Chain, type ChainNode, ChainUnavailable } from '../../ports/chain.ts';
import type { RecoveryLog } from '../../ports/recovery-log.ts';
import type { Ports } from '../ports.ts';
import { type OurTransaction, toOurs } from './read-wallet-history.ts';

/**
 * Finds a transaction of the wallet that the database does not know; undefined when the newest page of every node that
 * answers has none.
 *
 * @throws {ChainUnavailable} From the search: no node answers, or none shows what one has listed.
 */
export function createUnknownFinder(
  { chain, orders, signer, log }: Pick<Ports, 'chain' | 'orders' | 'signer' | 'log'>,
  recoveries: Pick<RecoveryLog, 'lost'>,
): () => Promise<OurTransaction | undefined> {
  /** Signatures that were checked once: another wallet paid for them. */
  const ofOthers = new Set<Signature>();

  async function isOurs(one: OurTransaction): Promise<boolean> {
    if (ofOthers.has(one.signature)) return false;
    if ((await payerOf(chain, one)) === signer.address) return true;
    ofOthers.add(one.signature);
    log.warn(
      { orderId: one.orderId, signature: one.signature },
      'transaction of another wallet names an order in its memo',
    );
    return false;
  }

  return async () => {
    const listed = await listTransactions(chain, signer.address);
    // Asked after the chain: every attempt is recorded before its bytes are sent, by whatever process.
    const missing = new Set(await orders.missingAttempts(listed));
    if (missing.size === 0) return undefined;
    for (const { signature } of await recoveries.lost()) missing.delete(signature);
    for (const one of listed) if (missing.has(one.signature) && (await isOurs(one))) return one;
    return undefined;
  };
}

/** The newest page of every node that answers, each transaction once. */
async function listTransactions({ nodes }: Chain, wallet: string): Promise<readonly OurTransaction[]> {
  const answers = await Promise.allSettled(nodes.map((node) => listOf(node, wallet)));
  const pages = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  if (pages.length === 0) throw (answers[0] as PromiseRejectedResult).reason;
  return [...new Map(pages.flat().map((one) => [one.signature, one])).values()];
}

async function listOf(node: ChainNode, wallet: string): Promise<readonly OurTransaction[]> {
  const page = await node.transactionsOf(wallet, { before: null, minSlot: 0n });
  return page.flatMap(toOurs);
}

async function payerOf({ nodes }: Chain, { signature }: OurTransaction): Promise<string> {
  const shown = await Promise.allSettled(nodes.map((node) => node.transaction(signature, 'finalized')));
  for (const answer of shown)
    if (answer.status === 'fulfilled' && answer.value?.signature === signature) return answer.value.payer;
  throw new ChainUnavailable(`no node shows transaction ${signature} that one has listed`);
}
