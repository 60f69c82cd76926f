import type { OrderId } from '../../src/domain/order.ts';
import type { ClaimOutcome, Transition, TransitionOutcome } from '../../src/ports/order-store.ts';
import { hold } from './violation.ts';

/** I12: who may write an order, by the answers of the store alone. */
export function createLeaseChecker(nowMs: () => number) {
  const leases = new Map<OrderId, { fence: number; untilMs: number }>();
  const end = (orderId: OrderId): void => {
    const lease = leases.get(orderId);
    if (lease) lease.untilMs = 0;
  };

  return {
    claimed(orderId: OrderId, leaseMs: number, outcome: ClaimOutcome): void {
      if (outcome.outcome !== 'claimed') return;
      const { fence, openAttempt, order } = outcome.claim;
      const before = leases.get(orderId);
      hold(
        fence > (before?.fence ?? 0),
        'I12',
        () => `order ${orderId}: fence ${before?.fence}, then ${fence}`,
      );
      hold(
        (before?.untilMs ?? 0) <= nowMs(),
        'I12',
        () => `order ${orderId} was claimed with fence ${fence} while the lease of ${before?.fence} lives`,
      );
      hold(
        (order.status === 'submitted') === (openAttempt !== null),
        'I3',
        () =>
          `order ${orderId} was claimed as ${order.status}, its open attempt is ${openAttempt?.attemptNumber}`,
      );
      leases.set(orderId, { fence, untilMs: nowMs() + leaseMs });
    },
    changed({ order, fence, lease }: Transition, { outcome }: TransitionOutcome): void {
      if (outcome !== 'committed') return;
      const { orderId } = order.request;
      const newest = leases.get(orderId)?.fence ?? 0;
      hold(
        fence === null || fence === newest,
        'I12',
        () => `order ${orderId} was written with fence ${fence} after ${newest} was given`,
      );
      if (lease.kind === 'release') end(orderId);
    },
    released(orderId: OrderId, fence: number): void {
      if (leases.get(orderId)?.fence === fence) end(orderId);
    },
    renewed(orderId: OrderId, fence: number, leaseMs: number): void {
      const lease = leases.get(orderId);
      if (lease?.fence === fence && lease.untilMs > 0) lease.untilMs = nowMs() + leaseMs;
    },
    /** The store's clock was set: how long its leases still last is not known here. */
    clockSet(): void {
      for (const lease of leases.values()) lease.untilMs = Math.min(lease.untilMs, nowMs());
    },
    voided(): void {
      for (const orderId of leases.keys()) end(orderId);
    },
  };
}
