import type { Moment } from '../../domain/moment.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import type { Claim } from '../../ports/order-store.ts';
import { startDeadline } from './deadline.ts';
import { hasExpired } from './expire-order.ts';
import { repeatEvery } from './repeat-every.ts';
import type { WithWaits } from './wait-times.ts';
import { WatchList } from './watch-list.ts';

/**
 * Where this process keeps the orders that wait for something that is away, so that each goes on as soon as it is back.
 * It holds no lease: the orders are in the store, and the sweep finds those of a process that died.
 */
export interface WaitingRoom {
  /** The chain is known to be unavailable: no order needs to ask the venues. */
  isChainAway(): boolean;
  /** An order that was put back; woken when the chain answers, and when it has expired. */
  enter(order: Order): void;
  /** A claim that this process could not finish, as the store failed it; it is given back when the store answers. */
  giveBack(orderId: OrderId, claim: Claim | null): void;
  /** Watches until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

interface Guest {
  readonly order: Order;
  readonly enteredAt: Moment;
}

/** How often the chain is asked while an order waits, and how long an order stays at least. */
const LOOK_MS = 400;

export function createWaitingRoom(ports: WithWaits): WaitingRoom {
  const { chain, clock, limits, log, orders, queue } = ports;
  const guests = new WatchList<Guest>();
  const unfinished = new WatchList<{ readonly orderId: OrderId; readonly claim: Claim | null }>();
  let isAway = false;
  let asked = 0;
  /** The newest question that was answered. */
  let answered = 0;

  function wake({ order }: Guest): void {
    guests.delete(order.request.orderId);
    queue.wake(order.request.orderId);
  }

  /** Each look asks anew: of a chain that is away some questions hang, and any answer to any of them will do. */
  async function look(): Promise<void> {
    const askedAt = clock.moment();
    for (const guest of [...guests.values()]) if (hasExpired(ports, guest.order)) wake(guest);
    asked += 1;
    const question = asked;
    const deadline = startDeadline(clock, limits.quoteTimeoutMs);
    const answer = chain.anyNode.latestBlockhash().then(
      () => cameBack(question, askedAt),
      () => stayedAway(question),
    );
    void deadline.passed.then(() => stayedAway(question));
    void answer.finally(deadline.callOff);
  }

  function cameBack(question: number, askedAt: Moment): void {
    if (isAway) log.info({ waiting: guests.size }, 'chain available again, waiting orders resume');
    answered = Math.max(answered, question);
    isAway = false;
    // One that came back at once met something else than silence; it is not to spin.
    for (const guest of [...guests.values()]) if (guest.enteredAt <= askedAt) wake(guest);
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
        return; // The store is still away.
      }
      unfinished.delete(orderId);
      queue.wake(orderId);
    }
  }

  return {
    isChainAway: () => isAway && guests.size > 0,
    enter: (order) => void guests.set(order.request.orderId, { order, enteredAt: clock.moment() }),
    giveBack: (orderId, claim) => void unfinished.set(orderId, { orderId, claim }),
    async run(signal) {
      await Promise.all([
        repeatEvery(ports, signal, LOOK_MS, look, guests),
        repeatEvery(ports, signal, LOOK_MS, giveBackAll, unfinished),
      ]);
    },
  };
}
