import type { Order, OrderId } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { isEverDue } from '../../domain/order-status.ts';
import type {
  Claim,
  OrderStore,
  SubmissionKeys,
  SubmitOutcome,
  Transition,
} from '../../ports/order-store.ts';

/** A store that can submit orders with a lease. */
export interface LeasingStore extends OrderStore {
  /** @param leaseMs The order is stored with a lease of so long, under `BORN_FENCE`. Absent: without one. */
  submit(
    order: Order,
    events: readonly OrderEvent[],
    keys: SubmissionKeys,
    leaseMs?: number,
  ): Promise<SubmitOutcome>;
  /** @param unclaimed Orders whose lease does not keep them from being due. */
  dueOrders(limit: number, unclaimed?: readonly OrderId[]): Promise<readonly OrderId[]>;
}

/** The fence that a submission with a lease writes. */
const BORN_FENCE = 1;

/** Orders beyond these are stored without a lease, and claimed in the database as usual. */
const MAX_WAITING = 2_000;

/**
 * Submits orders with a lease already, so that the first claim writes nothing. Only for a process that alone uses the
 * database and works on what it accepts.
 *
 * @param leaseMs The duration of these leases, and of the claims that write nothing.
 */
export function withBornLeases(store: LeasingStore, leaseMs: number): OrderStore {
  const born = createBornLeases(leaseMs);
  /** Submissions with a lease whose outcome is not known yet. */
  let underWay = 0;

  /** An order that is changed before its first claim loses the lease that it was born with, so that its claim reads it. */
  function endBornLease(transition: Transition): Transition {
    const first = born.take(transition.order.request.orderId);
    return first && transition.lease.kind === 'keep'
      ? { ...transition, lease: { kind: 'release', wakeAfterMs: 0 } }
      : transition;
  }

  return {
    ...store,
    async submit(order, events, keys) {
      if (!isEverDue(order.status) || born.count() + underWay >= MAX_WAITING)
        return store.submit(order, events, keys);
      const askedAtMs = performance.now();
      underWay += 1;
      try {
        const result = await store.submit(order, events, keys, leaseMs);
        if (result.outcome === 'created' && result.position !== null) born.add(order, askedAtMs);
        return result;
      } finally {
        underWay -= 1;
      }
    },
    async claim(orderId, wantedMs) {
      const first = born.take(orderId);
      if (!first) return store.claim(orderId, wantedMs);
      // What it waited for its turn is taken off the lease: not more than half, and never added to it.
      if (wantedMs !== leaseMs || first.leftMs < leaseMs / 2)
        await store.renewLeases([{ orderId, fence: first.claim.fence }], wantedMs);
      return { outcome: 'claimed', claim: first.claim };
    },
    transition: (transition) => store.transition(endBornLease(transition)),
    dueOrders: (limit) => store.dueOrders(limit, born.waiting()),
    async voidLeases() {
      born.clear();
      await store.voidLeases();
    },
  };
}

/** Orders that this process has submitted with a lease of its own and has not claimed yet. */
interface BornLeases {
  /** How many wait for their first claim. */
  count(): number;
  /** The order is stored, and its lease began after `askedAtMs` of `performance.now()`. */
  add(order: Order, askedAtMs: number): void;
  /** What the order's first claim is given, once; undefined if its lease ran out or never was. */
  take(orderId: OrderId): BornLease | undefined;
  /** Orders that wait for their first claim. */
  waiting(): readonly OrderId[];
  clear(): void;
}

interface BornLease {
  readonly claim: Claim;
  /** At least so much of the lease is left. */
  readonly leftMs: number;
}

function createBornLeases(leaseMs: number): BornLeases {
  const waiting = new Map<OrderId, { readonly order: Order; readonly endsAtMs: number }>();

  /** They were added nearly in the order in which they end. One that ended behind another that has not is forgotten with it. */
  function forgetEnded(): void {
    for (const [orderId, { endsAtMs }] of waiting) {
      if (endsAtMs > performance.now()) return;
      waiting.delete(orderId);
    }
  }

  return {
    count() {
      forgetEnded();
      return waiting.size;
    },
    add: (order, askedAtMs) => {
      waiting.set(order.request.orderId, { order, endsAtMs: askedAtMs + leaseMs });
    },
    take(orderId) {
      const born = waiting.get(orderId);
      if (!born) return undefined;
      waiting.delete(orderId);
      const leftMs = born.endsAtMs - performance.now();
      if (leftMs <= 0) return undefined;
      return { claim: { fence: BORN_FENCE, order: born.order, openAttempt: null }, leftMs };
    },
    waiting() {
      forgetEnded();
      return [...waiting.keys()];
    },
    clear: () => waiting.clear(),
  };
}
