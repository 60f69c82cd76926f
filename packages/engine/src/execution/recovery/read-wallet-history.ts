import { type BlockHeight, compareHeights, heightAfter } from '../../domain/block-height.ts';
import { type OrderId, toOrderId } from '../../domain/order.ts';
import type { Signature } from '../../domain/signature.ts';
import { type ChainNode, ChainUnavailable, type ListedTransaction } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';

/** The chain's nodes cannot say what a restored database has lost; the message says what would help. */
export class RecoveryImpossible extends Error {
  override name = 'RecoveryImpossible';
}

/** Our transactions by order, each order's oldest first. */
export type WalletHistory = ReadonlyMap<OrderId, readonly OurTransaction[]>;

/** A transaction of the wallet with what its memo says. */
export interface OurTransaction extends ListedTransaction {
  readonly orderId: OrderId;
  readonly attemptNumber: number;
}

export const RETRY_MS = 1_000;

/**
 * Block height after which no transaction that was signed before now can land: the highest that a node reports. Recovery
 * waits for this height, so with a wrong one it would never end. Therefore it asks again as long as the nodes disagree.
 */
export async function newestHorizon(ports: Ports): Promise<BlockHeight> {
  for (;;) {
    const heights: BlockHeight[] = [];
    for (const node of ports.chain.nodes) {
      const { lastValidBlockHeight } = await untilAnswered(ports, 'read the newest block height', () =>
        node.latestBlockhash(),
      );
      heights.push(lastValidBlockHeight);
    }
    heights.sort(compareHeights);
    const [lowest, highest] = [heights[0] as BlockHeight, heights.at(-1) as BlockHeight];
    if (highest <= heightAfter(lowest, MOST_BEHIND)) return highest;
    ports.log.warn({ lowest, highest }, 'nodes disagree about the block height, retrying');
    await ports.clock.sleep(RETRY_MS);
  }
}

// A node may be behind; further than that it is of no use to a recovery.
const MOST_BEHIND = 150n;

/** Our transactions since a slot, as all nodes together know them. */
export async function readWalletHistory(
  ports: Ports,
  horizon: BlockHeight,
  firstSlot: bigint,
): Promise<WalletHistory> {
  const found = new Map<Signature, OurTransaction>();
  let complete = 0;
  for (const node of ports.chain.nodes) {
    const minSlot = await finalizedPast(ports, node, horizon);
    const begins = await untilAnswered(ports, 'read where the history begins', () =>
      node.firstAvailableSlot(),
    );
    if (begins <= firstSlot) complete += 1;
    else ports.log.warn({ node: node.name, begins, firstSlot }, 'node history too short');
    for (const transaction of await readWallet(ports, node, minSlot, firstSlot))
      found.set(transaction.signature, transaction);
  }
  if (complete < Math.min(ports.chain.nodes.length, 2))
    throw new RecoveryImpossible(
      `the history of the nodes does not reach back to slot ${firstSlot}, when the oldest unfinished order may have been signed: name a node that keeps it, and start with --recovered again`,
    );
  const history = new Map<OrderId, OurTransaction[]>();
  for (const one of [...found.values()].sort((a, b) => (a.slot < b.slot ? -1 : 1)))
    history.set(one.orderId, [...(history.get(one.orderId) ?? []), one]);
  return history;
}

/** Waits until the node has finalized a height; gives the slot at which it had. */
async function finalizedPast(ports: Ports, node: ChainNode, height: BlockHeight): Promise<bigint> {
  for (;;) {
    const { blockHeight, absoluteSlot } = await untilAnswered(ports, 'read the finalized height', () =>
      node.finalizedEpoch(),
    );
    if (blockHeight > height) return absoluteSlot;
    await ports.clock.sleep(RETRY_MS);
  }
}

async function readWallet(
  ports: Ports,
  node: ChainNode,
  minSlot: bigint,
  firstSlot: bigint,
): Promise<readonly OurTransaction[]> {
  const ours: OurTransaction[] = [];
  for (let before: Signature | null = null; ; ) {
    const page: readonly ListedTransaction[] = await untilAnswered(
      ports,
      'read the transactions of the wallet',
      () => node.transactionsOf(ports.signer.address, { before, minSlot }),
    );
    ours.push(...page.flatMap(toOurs));
    const last = page.at(-1);
    if (!last || last.slot < firstSlot) return ours;
    before = last.signature;
  }
}

const MEMO = /\[\d+\] ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(\d{1,6})(?:$|; )/;

/** A listed transaction whose memo names an order and an attempt; nothing of any other. */
export function toOurs(transaction: ListedTransaction): OurTransaction[] {
  const [, orderId, attemptNumber] = MEMO.exec(transaction.memo ?? '') ?? [];
  return orderId
    ? [{ ...transaction, orderId: toOrderId(orderId), attemptNumber: Number(attemptNumber) }]
    : [];
}

/** Nothing may be signed before the chain was read: a node that is away is waited for. */
export async function untilAnswered<T>(ports: Ports, what: string, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ChainUnavailable)) throw error;
      ports.log.warn({ error, what }, 'chain unavailable, recovery waits');
      await ports.clock.sleep(RETRY_MS);
    }
  }
}
