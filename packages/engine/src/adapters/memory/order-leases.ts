import type { OrderId } from '../../domain/order.ts';
import type { Clock } from '../../ports/clock.ts';
import { type ClaimOutcome, FARTHEST_MS, type OrderStore, WAITING_REST_MS } from '../../ports/order-store.ts';
import { frozenCopy } from './frozen-copy.ts';
import { byOrderId, type OrderEntries, type OrderEntry } from './order-entry.ts';

type LeaseMethods = Pick<OrderStore, 'claim' | 'release' | 'renewLeases' | 'dueOrders' | 'voidLeases'>;

/** The lease of each order, and which orders are due. */
export function createOrderLeases(entries: OrderEntries, clock: Pick<Clock, 'now'>) {
  const isFar = (timeMs: number): boolean => timeMs > clock.now() + FARTHEST_MS;
  const hasLiveLease = ({ leaseUntilMs }: OrderEntry): boolean =>
    leaseUntilMs !== null && leaseUntilMs > clock.now() && !isFar(leaseUntilMs);
  const isHeld = ({ order: { status, request } }: OrderEntry): boolean =>
    status === 'pending' && request.heldUntilMs !== null && request.heldUntilMs > clock.now();
  const isDue = (entry: OrderEntry): boolean =>
    entry.dueAtMs !== null && (entry.dueAtMs <= clock.now() || (isFar(entry.dueAtMs) && !isHeld(entry)));
  const isAvailable = (entry: OrderEntry): boolean => isDue(entry) && !hasLiveLease(entry);
  /** After this time without a check, a waiting order counts as abandoned. */
  const isForSweep = ({ order, dueAtMs }: OrderEntry): boolean =>
    order.waitingFor === null || (dueAtMs ?? 0) <= clock.now() - WAITING_REST_MS || isFar(dueAtMs ?? 0);

  /** The entry whose lease this fence holds. */
  function leased(orderId: OrderId, fence: number): OrderEntry | undefined {
    const entry = entries.get(orderId);
    return entry?.fence === fence && entry.leaseUntilMs !== null ? entry : undefined;
  }

  function claim(orderId: OrderId, leaseMs: number): ClaimOutcome {
    const entry = entries.get(orderId);
    if (!entry || !isAvailable(entry)) return { outcome: 'notAvailable' };
    entry.fence += 1;
    entry.leaseUntilMs = clock.now() + leaseMs;
    const openAttempt = entry.attempts.find((attempt) => attempt.state === 'open');
    return {
      outcome: 'claimed',
      claim: {
        fence: entry.fence,
        order: entry.order,
        openAttempt: openAttempt ? frozenCopy(openAttempt) : null,
      },
    };
  }

  const methods: LeaseMethods = {
    claim: async (orderId, leaseMs) => claim(orderId, leaseMs),
    release: async (orderId, fence, wakeAfterMs) => {
      const entry = leased(orderId, fence);
      if (!entry) return;
      entry.leaseUntilMs = null;
      entry.dueAtMs = clock.now() + wakeAfterMs;
    },
    renewLeases: async (claims, leaseMs) => {
      for (const { orderId, fence } of claims) {
        const entry = leased(orderId, fence);
        if (entry) entry.leaseUntilMs = clock.now() + leaseMs;
      }
    },
    dueOrders: async (limit) =>
      [...entries.values()]
        .filter((entry) => isAvailable(entry) && isForSweep(entry))
        .sort(
          (a, b) =>
            Number(isFar(b.dueAtMs!)) - Number(isFar(a.dueAtMs!)) ||
            a.dueAtMs! - b.dueAtMs! ||
            byOrderId(a, b),
        )
        .slice(0, limit)
        .map((entry) => entry.order.request.orderId),
    voidLeases: async () => {
      for (const entry of entries.values()) entry.leaseUntilMs = null;
    },
  };
  return { leased, methods };
}
