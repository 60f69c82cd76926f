import type { Order, OrderId } from '../../domain/order.ts';
import type { Claim } from '../../ports/order-store.ts';

/** Orders that this process has submitted with a lease of its own and has not claimed yet. */
export interface BornLeases {
  /** Whether one more may be born with a lease. */
  hasRoom(): boolean;
  /** The order is stored, and its lease began after `askedAtMs` of `performance.now()`. */
  add(order: Order, askedAtMs: number): void;
  /** What the order's first claim is given, once; undefined if its lease ran out or never was. */
  take(orderId: OrderId): BornLease | undefined;
  /** Orders that wait for their first claim. */
  waiting(): readonly OrderId[];
  clear(): void;
}

export interface BornLease {
  readonly claim: Claim;
  /** At least so much of the lease is left. */
  readonly leftMs: number;
}

/** The fence that a submission with a lease writes. */
const BORN_FENCE = 1;

/** Orders beyond these are stored without a lease, and claimed in the database as usual. */
const MAX_WAITING = 2_000;

export function createBornLeases(leaseMs: number): BornLeases {
  const waiting = new Map<OrderId, { readonly order: Order; readonly endsAtMs: number }>();

  /** They were added in the order in which they end. */
  function forgetEnded(): void {
    for (const [orderId, { endsAtMs }] of waiting) {
      if (endsAtMs > performance.now()) return;
      waiting.delete(orderId);
    }
  }

  return {
    hasRoom() {
      forgetEnded();
      return waiting.size < MAX_WAITING;
    },
    add: (order, askedAtMs) => {
      waiting.set(order.request.orderId, { order, endsAtMs: askedAtMs + leaseMs });
    },
    take(orderId) {
      forgetEnded();
      const born = waiting.get(orderId);
      waiting.delete(orderId);
      return (
        born && {
          claim: { fence: BORN_FENCE, order: born.order, openAttempt: null },
          leftMs: born.endsAtMs - performance.now(),
        }
      );
    },
    waiting() {
      forgetEnded();
      return [...waiting.keys()];
    },
    clear: () => waiting.clear(),
  };
}
