import { type ChainNode, ChainUnavailable } from '../../ports/chain.ts';
import type { RecoveryLog } from '../../ports/recovery-log.ts';
import type { Ports } from '../ports.ts';
import { START_LOOK_MS, type StartQuestion } from '../proofs/start-question.ts';
import { type OurTransaction, toOurs } from './read-wallet-history.ts';

/** What was found stays on the chain: only a node that showed what is not so ends it without another start. */
const FOUND_LOOK_MS = 10_000;

/**
 * Whether the chain shows transactions of orders that the database knows, with attempts that it does not know: it is older
 * than the chain, as after a backup was put back, and would sign for orders that have landed. Every node is asked for the
 * newest page of the wallet's transactions, and one must answer. Orders that the database does not have at all say
 * nothing, since the wallet may have traded with another database before; nor do transactions that another wallet paid,
 * since any wallet can repeat a memo. One good answer is enough for the life of the process.
 *
 * It warns of a forgotten `--recovered` and does not stand in for it: what is not final yet, or older than the newest
 * thousand transactions that name the wallet, is not seen.
 */
export function createUnknownTransactions(
  { chain, orders, signer, clock, log }: Pick<Ports, 'chain' | 'orders' | 'signer' | 'clock' | 'log'>,
  recoveries: Pick<RecoveryLog, 'lost'>,
): StartQuestion {
  let problem: string | null = 'the chain was not yet asked for the newest transactions of the wallet';
  let isFound = false;
  const told = new Set<string>();
  const ofOthers = new Set<string>();

  async function look(): Promise<void> {
    if (problem === null) return;
    try {
      judge(await newestUnknown());
    } catch (error) {
      isFound = false;
      problem = `the newest transactions of the wallet could not be compared with the database: ${(error as Error).message}`;
    }
  }

  function judge(unknown: OurTransaction | undefined): void {
    isFound = unknown !== undefined;
    if (!unknown) {
      problem = null;
      if (told.size > 0) log.warn({}, 'no more unknown transactions on the chain, signing resumed');
      return;
    }
    const { orderId, signature, slot, failed } = unknown;
    problem = `unknown transactions on the chain, signing stopped: start with --recovered (order ${orderId}, transaction ${signature})`;
    if (told.has(signature)) return;
    told.add(signature);
    log.error(
      { orderId, signature, slot, failed },
      'unknown transactions on the chain, signing stopped: start with --recovered',
    );
  }

  /** @throws {ChainUnavailable} No node answers, or none shows what one has listed. */
  async function newestUnknown(): Promise<OurTransaction | undefined> {
    const listed = await listTransactions();
    // Asked after the chain: every attempt is recorded before its bytes are sent, by whatever process.
    const missing = new Set(await orders.missingAttempts(listed));
    if (missing.size === 0) return undefined;
    for (const { signature } of await recoveries.lost()) missing.delete(signature);
    for (const one of listed) {
      if (!missing.has(one.signature) || ofOthers.has(one.signature)) continue;
      if ((await payerOf(one)) === signer.address) return one;
      ofOthers.add(one.signature);
      log.warn(
        { orderId: one.orderId, signature: one.signature },
        'transaction of another wallet names an order in its memo',
      );
    }
    return undefined;
  }

  async function listTransactions(): Promise<readonly OurTransaction[]> {
    const answers = await Promise.allSettled(chain.nodes.map(listOf));
    const pages = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    if (pages.length === 0) throw (answers[0] as PromiseRejectedResult).reason;
    return [...new Map(pages.flat().map((one) => [one.signature, one])).values()];
  }

  async function listOf(node: ChainNode): Promise<readonly OurTransaction[]> {
    const page = await node.transactionsOf(signer.address, { before: null, minSlot: 0n });
    return page.flatMap(toOurs);
  }

  async function payerOf({ signature }: OurTransaction): Promise<string> {
    const shown = await Promise.allSettled(
      chain.nodes.map((node) => node.transaction(signature, 'finalized')),
    );
    for (const answer of shown)
      if (answer.status === 'fulfilled' && answer.value?.signature === signature) return answer.value.payer;
    throw new ChainUnavailable(`no node shows transaction ${signature} that one has listed`);
  }

  return {
    problem: () => problem,
    look,
    async run(signal) {
      while (!signal.aborted && problem !== null) {
        await look();
        if (problem !== null) await clock.sleep(isFound ? FOUND_LOOK_MS : START_LOOK_MS, signal);
      }
    },
  };
}
