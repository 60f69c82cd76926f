import { isDeepStrictEqual } from 'node:util';
import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import type { Execution } from '../../src/adapters/memory/ledger.ts';
import { applyEvent, foldOrder } from '../../src/domain/apply-event.ts';
import type { Attempt, AttemptState } from '../../src/domain/attempt.ts';
import type { BlockHeight } from '../../src/domain/block-height.ts';
import type { Order, OrderId } from '../../src/domain/order.ts';
import type { OrderEvent } from '../../src/domain/order-event.ts';
import type { Signature } from '../../src/domain/signature.ts';
import type { ExecutionLimits } from '../../src/execution/limits.ts';
import type { OrderStore } from '../../src/ports/order-store.ts';
import { isEnd } from './ends.ts';
import { checkOrderOfEvents } from './event-checker.ts';
import { lastHeightOf } from './last-height.ts';
import { checkSignedBytes } from './signed-bytes.ts';
import type { createTriggerChecker } from './trigger-checker.ts';
import { hold } from './violation.ts';
import { checkWaiting } from './waiting-checker.ts';

/** What the checker has seen of one order; its own copy, which the store cannot change. */
export interface KnownOrder {
  readonly order: Order;
  readonly events: readonly OrderEvent[];
  readonly attempts: readonly Attempt[];
}

/** Compares every order that a step touched with what was seen of it before, and with the chain itself. */
export function createOrderChecker(world: {
  readonly store: OrderStore;
  readonly chain: MemoryChain;
  readonly limits: ExecutionLimits;
  isBlocked(orderId: OrderId, finalizedSlot: bigint): boolean;
  wasTaken(signature: Signature, lastValidBlockHeight: BlockHeight): boolean;
  readonly triggers: Pick<ReturnType<typeof createTriggerChecker>, 'checkNew'>;
  readonly clocksAreRight: boolean;
  isHealed(): boolean;
}) {
  const { store, chain, isBlocked, wasTaken, clocksAreRight, isHealed } = world;
  const { maxTries, maxWaitMs } = world.limits;
  const known = new Map<OrderId, KnownOrder>();
  const touched = new Set<OrderId>();
  const receipts = new Map<OrderId, string>();
  const owners = new Map<string, OrderId>();
  let notTerminal = 0;

  return {
    known: (orderId: OrderId): KnownOrder | undefined => known.get(orderId),
    /** Address of the receipt that the order's attempts create, and the order that an address belongs to. */
    receiptOf: (orderId: OrderId): string | undefined => receipts.get(orderId),
    ownerOf: (address: string): OrderId | undefined => owners.get(address),
    all: (): readonly KnownOrder[] => [...known.values()],
    /** How many known orders are not terminal, or confirmed and not final yet. */
    unfinished: (): number => notTerminal,
    touch: (orderId: OrderId): void => void touched.add(orderId),
    /** Undefined when nothing was touched. @throws {Violation} */
    check(): Promise<void> | undefined {
      if (touched.size === 0) return undefined;
      const orderIds = [...touched];
      touched.clear();
      return checkAll(orderIds);
    },
  };

  async function checkAll(orderIds: readonly OrderId[]): Promise<void> {
    for (const orderId of orderIds) {
      const order = await store.get(orderId);
      if (!order) continue; // The submission that touched it was refused.
      const [events, attempts] = await Promise.all([
        store.events(orderId, 0, 1_000),
        store.attempts(orderId),
      ]);
      const before = known.get(orderId);
      const now = { order, events, attempts };
      checkEvents(now, before);
      checkAttempts(now, before);
      known.set(orderId, now);
      notTerminal += Number(isUnfinished(order)) - Number(before !== undefined && isUnfinished(before.order));
    }
  }

  function checkEvents({ order, events }: KnownOrder, before: KnownOrder | undefined): void {
    const { orderId } = order.request;
    const old = before?.events ?? [];
    hold(
      events.length >= old.length && old.every((event, index) => events[index] === event),
      'I7',
      () => `an event of order ${orderId} changed or vanished`,
    );
    hold(
      events.every((event, index) => event.sequence === index + 1 && event.orderId === orderId),
      'I7',
      () => `order ${orderId} has the sequences ${events.map(({ sequence }) => sequence)}`,
    );
    checkOrderOfEvents(events, maxTries);
    world.triggers.checkNew(order, events, old.length);
    checkWaiting(order, events, { maxWaitMs, clocksAreRight, wasTaken });
    if (isHealed()) for (const event of events.slice(old.length)) checkAge(event);
    hold(
      isDeepStrictEqual(fold(order, events, before), order),
      'I8',
      () => `order ${orderId}: its row is not the fold of its events`,
    );
  }

  function checkAttempts({ order, events, attempts }: KnownOrder, before: KnownOrder | undefined): void {
    const { orderId } = order.request;
    hold(
      attempts.every((one, index) => one.attemptNumber === index + 1),
      'I3',
      () => `order ${orderId} has the attempts ${attempts.map(({ attemptNumber }) => attemptNumber)}`,
    );
    const last = attempts.at(-1);
    hold(
      attempts.every((one) => one === last || one.state === 'reverted' || one.state === 'expired'),
      'I3',
      () => `order ${orderId}: attempt ${last?.attemptNumber} exists while an earlier one is not dead`,
    );
    const expected = ATTEMPT_OF_STATUS[order.status];
    hold(
      expected.includes(last?.state ?? null),
      order.status === 'confirmed' ? 'I6' : 'I3',
      () => `order ${orderId} is ${order.status} and its last attempt is ${last?.state}`,
    );
    for (const [index, attempt] of attempts.entries()) {
      const old = before?.attempts[index];
      if (old) checkSame(old, attempt);
      else keepReceipt(orderId, checkSignedBytes(order, events, attempt));
      if (old?.state !== attempt.state) checkStep(old?.state, attempt);
    }
  }

  /** All attempts of an order create the same one, and no other order's do. */
  function keepReceipt(orderId: OrderId, address: string | undefined): void {
    if (address === undefined) return;
    const [known, owner] = [receipts.get(orderId) ?? address, owners.get(address) ?? orderId];
    hold(known === address && owner === orderId, 'I15', () => `order ${orderId} creates another receipt`);
    receipts.set(orderId, address);
    owners.set(address, orderId);
  }

  function checkSame(old: Attempt, now: Attempt): void {
    hold(
      old.signature === now.signature && Buffer.compare(old.bytes, now.bytes) === 0,
      'I4',
      () => `attempt ${now.attemptNumber} of order ${now.orderId} changed its bytes`,
    );
  }

  /** Is what the store now believes of the attempt true in the chain, whatever its nodes say? */
  function checkStep(from: AttemptState | undefined, attempt: Attempt): void {
    const { signature, state, bytes } = attempt;
    const landings = chain.history.landings(signature);
    const what = `attempt ${attempt.attemptNumber} of order ${attempt.orderId}, ${from ?? 'new'} to ${state}`;
    const finalizedSlot = chain.history.finalizedAt(chain.slot());
    const standing = landings.find(({ droppedAtSlot }) => droppedAtSlot === null);
    const height = chain.history.heightAt(finalizedSlot);
    if (from === undefined) {
      hold(state === 'open', 'I3', () => what);
    } else if (state === 'expired') {
      const last = lastHeightOf(chain, bytes);
      hold(
        from === 'open' && height > last,
        'I4',
        () => `${what} at final height ${height}, valid to ${last}`,
      );
      hold(!standing, 'I4', () => `${what}, but it landed`);
    } else if (state === 'reverted') {
      hold(from === 'open' && Boolean(standing?.execution.error), 'I4', () => `${what}, not so in the chain`);
      hold(standing!.slot <= finalizedSlot, 'I4', () => `${what}, in a block that is not final`);
    } else if (state === 'blocked') {
      hold(from === 'open' && !landings.some(succeeds), 'I4', () => `${what}, but it landed`);
      hold(isBlocked(attempt.orderId, finalizedSlot), 'I4', () => `${what}, and its receipt is not final`);
    } else if (state === 'landed') {
      const swapped = landings.some(({ execution }) => !execution.error);
      hold(from === 'open' && swapped, 'I6', () => `${what}, it never landed`);
      hold(
        landings.some(({ slot, execution }) => slot === attempt.slot && !execution.error),
        'I10',
        () => `${what} in slot ${attempt.slot}, where it did not land`,
      );
    } else {
      const dropped = landings.some(({ droppedAtSlot }) => droppedAtSlot !== null);
      hold(from === 'landed' && dropped, 'I4', () => `${what}, no fork dropped it`);
    }
  }
}

/** From the row as it was, which was the fold of the events that it had. */
const fold = ({ request }: Order, events: readonly OrderEvent[], before: KnownOrder | undefined): Order =>
  before ? events.slice(before.events.length).reduce(applyEvent, before.order) : foldOrder(request, events);

const succeeds = ({ droppedAtSlot, execution }: { droppedAtSlot: bigint | null; execution: Execution }) =>
  droppedAtSlot === null && !execution.error;

const DEAD: readonly (AttemptState | null)[] = [null, 'reverted', 'expired'];

/** What the last attempt may be while the order has this status; null: there is none. */
const ATTEMPT_OF_STATUS = {
  pending: [null],
  open: DEAD,
  routing: DEAD,
  building: DEAD,
  submitted: ['open'],
  confirmed: ['landed'],
  failed: DEAD,
  canceled: [...DEAD, 'blocked'],
  expired: DEAD,
} satisfies Record<Order['status'], readonly (AttemptState | null)[]> as Record<
  Order['status'],
  readonly (AttemptState | null)[]
>;

/** The accounts behind every quote of these worlds are of the newest slot: what calls them old believes in a wrong one. */
function checkAge(event: OrderEvent): void {
  const isOld =
    (event.type === 'order.waiting' && event.data.cause === 'market_data_old') ||
    (event.type === 'order.building' &&
      event.data.quotes.some((one) => 'code' in one && one.code === 'stale'));
  hold(
    !isOld,
    'I19',
    () => `order ${event.orderId}: ${event.type} calls fresh accounts old in a healed world`,
  );
}

const isUnfinished = ({ status, finalized }: Order): boolean =>
  !isEnd(status) || (status === 'confirmed' && !finalized);
