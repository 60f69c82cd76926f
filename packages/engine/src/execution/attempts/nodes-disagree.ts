import type { Signature } from '../../domain/signature.ts';
import type { ChainNode, TransactionError } from '../../ports/chain.ts';
import { msSince } from '../../ports/clock.ts';
import type { Ports } from '../ports.ts';
import { AnotherTransaction } from '../proofs/own-transaction.ts';
import type { Followed } from './followed-attempt.ts';

/** Nodes show different outcomes of one transaction, and no two of them the same. */
export class NodesDisagree extends AnotherTransaction {
  override name = 'NodesDisagree';

  /** What each node shows, by its name. */
  readonly shown: Readonly<Record<string, unknown>>;

  constructor(signature: Signature, shown: Readonly<Record<string, unknown>>) {
    super(`nodes disagree about the outcome, slot, fee or amounts of ${signature}`);
    this.shown = shown;
  }
}

/** The log names an attempt about which nodes disagree once, not at each poll. */
export function noteDispute(ports: Pick<Ports, 'log'>, followed: Followed, { shown }: NodesDisagree): void {
  if (followed.isDisputed) return;
  followed.isDisputed = true;
  const { orderId, signature } = followed.attempt;
  ports.log.warn({ orderId, signature, shown }, 'nodes disagree about the outcome, slot, fee or amounts');
}

/**
 * A node shows this attempt in a block, and nothing follows from it: another node contradicts it, or is away. That is usual for
 * the seconds until a block is final. After a minute the log names the attempt, once, with what each node shows.
 */
export async function noteUnproven(ports: Ports, followed: Followed): Promise<void> {
  const { orderId, signature } = followed.attempt;
  if (followed.isDisputed || msSince(ports.clock, followed.followedAt) <= ports.limits.lateNodeMs) return;
  followed.isDisputed = true;
  const words = ports.chain.nodes.map(async (node) => [node.name, await wordOf(node, signature)] as const);
  const shown = Object.fromEntries(await Promise.all(words));
  ports.log.warn({ orderId, signature, shown }, 'outcome of a transaction in a block not proven');
}

/** To be called when the attempt's outcome is proven. */
export function endDispute(ports: Pick<Ports, 'log'>, followed: Followed): void {
  if (!followed.isDisputed) return;
  followed.isDisputed = false;
  const { orderId, signature } = followed.attempt;
  ports.log.info({ orderId, signature }, 'disputed outcome proven');
}

async function wordOf(node: ChainNode, signature: Signature): Promise<unknown> {
  try {
    const { statuses } = await node.signatureStatuses([signature], { searchHistory: true });
    const [status] = statuses;
    const transaction = await node.transaction(signature, 'confirmed');
    return {
      status: status ? `${status.commitment}, ${outcomeOf(status)}` : 'not shown',
      transaction: transaction ? outcomeOf(transaction) : 'not shown',
    };
  } catch {
    return 'unavailable';
  }
}

const outcomeOf = ({ error }: { readonly error: TransactionError | null }): string =>
  error ? `reverted: ${error.text}` : 'no error';
