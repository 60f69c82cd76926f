import type { Signature } from '../../domain/signature.ts';
import type { RecoveryLog } from '../../ports/recovery-log.ts';
import type { Ports } from '../ports.ts';
import { START_LOOK_MS, type StartQuestion } from '../proofs/start-question.ts';
import type { OurTransaction } from './read-wallet-history.ts';
import { createUnknownFinder } from './unknown-finder.ts';

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
  const told = new Set<Signature>();
  const findUnknown = createUnknownFinder({ chain, orders, signer, log }, recoveries);

  async function look(): Promise<void> {
    if (problem === null) return;
    try {
      judge(await findUnknown());
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
