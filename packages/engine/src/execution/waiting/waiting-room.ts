import type { Order, OrderId } from '../../domain/order.ts';
import type { Claim } from '../../ports/order-store.ts';
import { startDeadline } from './deadline.ts';
import { hasExpired } from './expire-order.ts';
import { repeatEvery } from './repeat-every.ts';
import type { WithWaits } from './wait-times.ts';
import { WatchList } from './watch-list.ts';

/**
 * Remembers the orders of this process that wait for an unavailable chain or venue, and wakes them as soon as it is available.
 * It holds no lease: the orders are in the store, and the sweep finds those of a dead process.
 */
export interface WaitingRoom {
  /** The chain is known to be unavailable: no order needs to ask the venues. */
  isChainAway(): boolean;
  /** Adds a released order; it is woken when the chain answers, and when it has expired. */
  enter(order: Order): void;
  /** Adds a claim that this process could not finish because the store failed; it is released when the store answers. */
  giveBack(orderId: OrderId, claim: Claim | null): void;
  /** Watches until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** How often the process polls the chain while an order waits. */
const LOOK_MS = 400;

export function createWaitingRoom(ports: WithWaits): WaitingRoom {
  const { chain, clock, limits, log, orders, queue } = ports;
  const guests = new WatchList<OrderId, Order>();
  const unfinished = new WatchList<OrderId, { readonly orderId: OrderId; readonly claim: Claim | null }>();
  let isAway = false;
  let asked = 0;
  /** The newest question that was answered. */
  let answered = 0;

  function wake({ request: { orderId } }: Order): void {
    guests.delete(orderId);
    queue.wake(orderId);
  }

  /** Every poll sends a new request: requests to an unavailable chain may hang, and the answer to any of them is enough. */
  async function look(): Promise<void> {
    for (const order of [...guests.values()]) if (hasExpired(ports, order)) wake(order);
    asked += 1;
    const question = asked;
    const deadline = startDeadline(clock, limits.quoteTimeoutMs);
    const answer = chain.anyNode.latestBlockhash().then(
      () => cameBack(question),
      () => stayedAway(question),
    );
    void deadline.passed.then(() => stayedAway(question));
    void answer.finally(deadline.callOff);
  }

  function cameBack(question: number): void {
    if (isAway) log.info({ waiting: guests.size }, 'chain available again, waiting orders resume');
    answered = Math.max(answered, question);
    isAway = false;
    // An order that meets another problem comes back here until the next answer, so no loop is busy with it.
    for (const order of [...guests.values()]) wake(order);
  }

  function stayedAway(question: number): void {
    if (question <= answered || isAway) return;
    isAway = true;
    log.warn({ waiting: guests.size }, 'chain unavailable, orders wait');
  }

  async function giveBackAll(): Promise<void> {
    for (const { orderId, claim } of [...unfinished.values()]) {
      try {
        if (claim) await orders.release(orderId, claim.fence, 0);
      } catch {
        return; // The store is still unavailable.
      }
      unfinished.delete(orderId);
      queue.wake(orderId);
    }
  }

  return {
    isChainAway: () => isAway && guests.size > 0,
    enter: (order) => void guests.set(order.request.orderId, order),
    giveBack: (orderId, claim) => void unfinished.set(orderId, { orderId, claim }),
    async run(signal) {
      await Promise.all([
        repeatEvery(ports, signal, LOOK_MS, look, guests),
        repeatEvery(ports, signal, LOOK_MS, giveBackAll, unfinished),
      ]);
    },
  };
}
