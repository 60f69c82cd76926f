import type { AttemptState } from './attempt.ts';
import type { Order } from './order.ts';
import type { OrderEvent, OrderEventData, OrderEventType } from './order-event.ts';
import { isTerminal, ORDER_STATUSES, type OrderStatus } from './order-status.ts';
import { rests } from './trigger-terms.ts';
import { tellsMore } from './waiting.ts';

/** What an event may do to an order. */
export interface TransitionRule<T extends OrderEventType = OrderEventType> {
  /** Statuses in which it may happen; none of the first event of a log, and of it alone. */
  readonly from: readonly OrderStatus[];
  /** Status after it; null keeps the status. */
  readonly to: OrderStatus | null;
  /** What else must be true of the order before it. Absent: nothing. */
  readonly when?: Condition<T>;
}

interface Condition<T extends OrderEventType> {
  /** Description for people, as in docs/order-lifecycle.md. */
  readonly says: string;
  holds(order: Order, data: OrderEventData[T]): boolean;
}

/** No transaction of the order can have landed, so anything but the chain may end it. */
const UNSIGNED = ['pending', 'open', 'routing', 'building'] as const satisfies readonly OrderStatus[];
const NOT_TERMINAL = ORDER_STATUSES.filter((status) => !isTerminal(status));

const NOT_FINAL = { says: 'it is not final yet', holds: ({ finalized }: Order) => !finalized };

/**
 * The only table of what may happen to an order, by event. The fold (`applyEvent`), the check of every store (`checkChange`)
 * and the guard in SQL follow from it; docs/order-lifecycle.md is compared with it.
 */
export const TRANSITIONS: { readonly [T in OrderEventType]: TransitionRule<T> } = {
  'order.pending': { from: [], to: 'pending' },
  'order.opened': {
    from: ['pending', 'routing', 'building', 'submitted'],
    to: 'open',
    when: { says: 'it is an order that rests', holds: ({ request }) => rests(request) },
  },
  'order.triggered': { from: ['open'], to: null },
  'order.amended': { from: ['open'], to: null },
  'order.routing': { from: [...UNSIGNED, 'submitted'], to: 'routing' },
  'order.waiting': {
    from: ['routing', 'building'],
    to: null,
    when: {
      says: 'its cause tells more than the one that is known',
      holds: ({ waitingFor }, { cause }) => tellsMore(cause, waitingFor),
    },
  },
  'order.building': { from: ['routing'], to: 'building' },
  /** Not only from building: an attempt that was lost with the database is found on the chain. */
  'order.submitted': { from: UNSIGNED, to: 'submitted' },
  'order.confirmed': {
    from: ['routing', 'submitted'],
    to: 'confirmed',
    when: {
      says: 'from `routing` it needs review: a person found the transaction that landed',
      holds: ({ status, needsReview }) => status === 'submitted' || needsReview,
    },
  },
  'order.failed': { from: ['pending', 'routing', 'building', 'submitted'], to: 'failed' },
  'order.canceled': { from: [...UNSIGNED, 'submitted'], to: 'canceled' },
  'order.expired': { from: [...UNSIGNED, 'submitted'], to: 'expired' },
  'order.cancel_requested': {
    from: NOT_TERMINAL,
    to: null,
    when: { says: 'none was requested before', holds: ({ cancelRequested }) => !cancelRequested },
  },
  'order.review_needed': {
    from: NOT_TERMINAL,
    to: null,
    when: { says: 'it does not need review yet', holds: ({ needsReview }) => !needsReview },
  },
  'order.reviewed': {
    from: NOT_TERMINAL,
    to: null,
    when: { says: 'it needs review', holds: ({ needsReview }) => needsReview },
  },
  'order.finalized': { from: ['confirmed'], to: null, when: NOT_FINAL },
  'order.reorged': { from: ['confirmed'], to: 'submitted', when: NOT_FINAL },
};

/** The order's status while its last attempt may land (open) or has landed; in every other status it is closed, or there is none. */
export const STATUS_WHILE = { open: 'submitted', landed: 'confirmed' } as const satisfies Partial<
  Record<AttemptState, OrderStatus>
>;

/** Whether an order in this status has an attempt that may land, or has. */
export const isWhileAlive = (status: OrderStatus): boolean =>
  (Object.values(STATUS_WHILE) as readonly OrderStatus[]).includes(status);

/** When an attempt may be recorded: in these statuses, and with none of these marks. Compared on the newest row, before the change. */
export const RECORDING = {
  from: TRANSITIONS['order.submitted'].from,
  unless: ['cancelRequested', 'needsReview'],
} as const;

/** Whether an attempt may be recorded for the order as it is stored. */
export const mayRecord = (order: Order): boolean =>
  RECORDING.from.includes(order.status) && !RECORDING.unless.some((mark) => order[mark]);

/** Whether the event may happen to the order as it is, and leads to the status that it says. */
export function mayHappen(order: Order, event: Pick<OrderEvent, 'type' | 'status' | 'data'>): boolean {
  const { from, to, when }: TransitionRule<never> = TRANSITIONS[event.type];
  if (event.status !== (to ?? order.status)) return false;
  if (order.sequence === 0 || from.length === 0) return order.sequence === 0 && from.length === 0;
  return from.includes(order.status) && (when?.holds(order, event.data as never) ?? true);
}
