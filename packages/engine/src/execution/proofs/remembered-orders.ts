import type { ChainNode } from '../../ports/chain.ts';
import type { FinalizedOrder } from '../../ports/order-store.ts';
import type { Ports } from '../ports.ts';
import { START_LOOK_MS, type StartQuestion } from './start-question.ts';
import { askHistory } from './status-history.ts';

/** Number of newest finalized orders that a start checks: each proof names them in one request (`SIGNATURES_PER_REQUEST`). */
const ORDERS_ASKED = 32;

/** Whether the chain still knows the newest orders that were final on it. */
export interface RememberedOrders extends StartQuestion {
  /** The same orders as the store has them now: each proof of absence checks them too. */
  newest(): Promise<readonly FinalizedOrder[]>;
}

/** The ports and the known finalized orders: a proof of absence needs them, since a history with a hole proves nothing. */
export interface WithRememberedOrders extends Ports {
  readonly remembered: Pick<RememberedOrders, 'newest' | 'look'>;
}

/** One node's answer about an order: `unknown` if it did not answer, is behind the order's slot, or has pruned its history. */
type Word = 'shown' | 'denied' | 'unknown' | 'notKept';

/**
 * A final order cannot disappear from a chain. If a node whose history covers the order's slot denies it and no other node shows
 * it, the chain has lost history although its genesis hash is right. Its answers, including proofs of absence, are then
 * worthless. A node that denies an order that another node shows is logged and outvoted.
 */
export function createRememberedOrders({
  chain,
  orders,
  clock,
  log,
}: Pick<Ports, 'chain' | 'orders' | 'clock' | 'log'>): RememberedOrders {
  let asked: readonly FinalizedOrder[] | undefined;
  let problem: string | null = 'the chain was not yet asked for the newest finalized orders';
  const told = new Set<string>();

  const newest = () => orders.newestFinalized(ORDERS_ASKED);

  async function look(): Promise<void> {
    try {
      // Missing orders are checked until they are found, even when newer ones exist by then.
      if (problem === null || asked === undefined) asked = await newest();
    } catch {
      return; // The store is unavailable: nothing is known yet.
    }
    const list = asked;
    const words = await Promise.all(chain.nodes.map((node) => wordsOf(node, list)));
    judge(list, words);
  }

  function judge(list: readonly FinalizedOrder[], words: readonly (readonly Word[])[]): void {
    const before = problem;
    problem = null;
    for (const [index, order] of list.entries()) {
      const heard = words.map((of) => of[index]);
      const denying = chain.nodes.filter((_, node) => heard[node] === 'denied').map(({ name }) => name);
      if (denying.length > 0) tell(order, denying, heard.includes('shown'));
      if (heard.includes('shown') || heard.every((word) => word === 'notKept')) continue;
      problem ??=
        denying.length > 0
          ? `${denying.join(', ')} does not know the finalized order ${order.orderId}, slot ${order.slot}`
          : `no node has answered yet for the finalized order ${order.orderId}, slot ${order.slot}`;
    }
    if (problem === null && before !== null && told.size > 0)
      log.warn({}, 'finalized orders found on the chain again');
  }

  function tell(order: FinalizedOrder, nodes: readonly string[], isShown: boolean): void {
    const key = `${order.orderId} ${isShown}`;
    if (told.has(key)) return;
    told.add(key);
    const { orderId, signature, slot } = order;
    const what = isShown
      ? 'a node denies a finalized order'
      : 'a finalized order is missing from the chain, nothing is signed';
    log.error({ orderId, signature, slot, nodes }, what);
  }

  return {
    problem: () => problem,
    newest,
    look,
    async run(signal) {
      while (!signal.aborted) {
        if (problem !== null) await look();
        await clock.sleep(START_LOOK_MS, signal);
      }
    },
  };
}

async function wordsOf(node: ChainNode, list: readonly FinalizedOrder[]): Promise<readonly Word[]> {
  if (list.length === 0) return [];
  try {
    const { statuses, contextSlot, firstSlot } = await askHistory(
      node,
      list.map(({ signature }) => signature),
    );
    return list.map(({ slot }, index) => {
      if (statuses[index]) return 'shown';
      if (slot < firstSlot) return 'notKept';
      return slot > contextSlot ? 'unknown' : 'denied';
    });
  } catch {
    return list.map(() => 'unknown');
  }
}
