import { isTerminal, ORDER_STATUSES } from '../domain/order-status.ts';
import type { OrderFilter } from '../ports/order-store.ts';
import { cancelOrder } from './cancel-order.ts';
import type { Ports } from './ports.ts';

export interface CanceledOrders {
  /** Over: nothing of them was in flight, and nothing can be any more. */
  readonly canceled: number;
  /** The chain decides about the transaction that is in flight. */
  readonly requested: number;
  /** More orders than one call cancels fit: it may be repeated. */
  readonly more: boolean;
}

const PAGE = 200;
/** As many as are canceled within a few seconds. */
const MOST_ORDERS = 5_000;
const CANCELABLE = ORDER_STATUSES.filter((status) => !isTerminal(status));

/** Cancels every order that fits and is not over, newest first. Each is canceled by itself: one that fires at that moment may execute. */
export async function cancelOrders(
  ports: Ports,
  filter: Omit<OrderFilter, 'before' | 'offset' | 'limit'>,
): Promise<CanceledOrders> {
  const statuses = (filter.statuses ?? CANCELABLE).filter((status) => !isTerminal(status));
  const counts = { canceled: 0, requested: 0 };
  let seen = 0;
  let before: OrderFilter['before'];
  while (statuses.length > 0) {
    const page = await ports.orders.list({ ...filter, statuses, limit: PAGE, ...(before && { before }) });
    const results = await Promise.all(page.map(({ request }) => cancelOrder(ports, request.orderId)));
    for (const { outcome } of results)
      if (outcome === 'canceled' || outcome === 'requested') counts[outcome] += 1;
    seen += page.length;
    before = page.at(-1)?.request.orderId;
    if (page.length < PAGE || seen >= MOST_ORDERS) break;
  }
  return { ...counts, more: seen >= MOST_ORDERS };
}
