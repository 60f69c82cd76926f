/**
 * The states of an order. What leads from one to another: `TRANSITIONS`.
 *
 * pending    accepted and durable; nothing has been asked of any venue.
 * open       resting: waits for its trigger, in no queue; cancel and expiry are immediate.
 * routing    quotes are collected for try n, at once or after its backoff; no transaction exists.
 * building   a route is chosen; its transaction is built, simulated and signed; bytes exist in memory only.
 * submitted  an attempt is recorded and may be in flight; only the chain can end the order now. Entered from building,
 *            and from any earlier status when the attempt was lost with the database and found on the chain.
 * confirmed  landed at commitment `confirmed`; the fill was read from the transaction. From routing only by a review: a
 *            person found the transaction that landed, and no attempt of it is open.
 * failed, canceled, expired  terminal, by proof that nothing can land any more.
 */
export const ORDER_STATUSES = [
  'pending',
  'open',
  'routing',
  'building',
  'submitted',
  'confirmed',
  'failed',
  'canceled',
  'expired',
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** The order's stream ends here. (`confirmed` can still be reopened by a fork until it is finalized.) */
export const TERMINAL_STATUSES = [
  'confirmed',
  'failed',
  'canceled',
  'expired',
] as const satisfies OrderStatus[];

export const isTerminal = (status: OrderStatus): boolean =>
  (TERMINAL_STATUSES as readonly OrderStatus[]).includes(status);

/** Whether a worker may have to continue an order in this status. A resting one waits for its trigger, not for a worker. */
export const isEverDue = (status: OrderStatus): boolean => status !== 'open' && !isTerminal(status);
