import { formatAmount } from '../domain/amount.ts';
import type { Order, OrderId } from '../domain/order.ts';
import { PRICES_OF, type PriceField } from '../domain/order-type.ts';
import { type EpochMs, toTimestamp } from '../domain/timestamp.ts';
import type { Amendment } from '../domain/trigger-terms.ts';
import { commit } from './commit.ts';
import type { Ports } from './ports.ts';
import { readAmountField, readPrices } from './read-fields.ts';
import { alreadyExpired, refused, type SubmitRefusal } from './refusals.ts';

/** What the user changes about an order that rests; absent fields stay. Its meaning is checked here. */
export interface AmendRequest extends Pick<Amendment, PriceField> {
  /** Decimal: of tokenOut when exactOut, of tokenIn otherwise. */
  readonly amountIn?: string;
  readonly amountOut?: string;
  /** Null: it rests without an end. */
  readonly expiresAtMs?: EpochMs | null;
  /** The order is changed only if this is the sequence of its last event; absent: whatever it is. */
  readonly sequence?: number;
}

export type AmendResult =
  | { readonly outcome: 'amended'; readonly order: Order }
  /** It rests no more, or its sequence is another one: nothing was written. */
  | { readonly outcome: 'notOpen' | 'changed'; readonly order: Order }
  | { readonly outcome: 'unknown' }
  | SubmitRefusal;

/**
 * Changes prices, amount or expiry of an order while it is open. It keeps its id and its place in the log; of a fire and an
 * amendment at the same moment the store takes one.
 */
export async function amendOrder(
  ports: Ports,
  orderId: OrderId,
  request: AmendRequest,
): Promise<AmendResult> {
  for (;;) {
    const order = await ports.orders.get(orderId);
    if (!order) return { outcome: 'unknown' };
    if (order.status !== 'open') return { outcome: 'notOpen', order };
    if (request.sequence !== undefined && request.sequence !== order.sequence)
      return { outcome: 'changed', order };
    const read = readAmendment(ports, order, request);
    if (read.outcome === 'refused') return read;
    const next = await commit(ports, order, null, {
      events: [{ type: 'order.amended', data: read.amendment }],
    });
    if (!next) continue; // A fire, a cancel or another amendment came first: read it again.
    ports.log.info({ orderId, ...read.amendment }, 'order amended');
    return { outcome: 'amended', order: next };
  }
}

function readAmendment(
  { clock }: Ports,
  { request, resting }: Order,
  { amountIn, amountOut, expiresAtMs, sequence, ...prices }: AmendRequest,
): { readonly outcome: 'read'; readonly amendment: Amendment } | SubmitRefusal {
  const { type, swapMode, tokenIn, tokenOut } = request;
  const [field, given, token] =
    swapMode === 'exactOut'
      ? (['amountOut', amountOut, tokenOut] as const)
      : (['amountIn', amountIn, tokenIn] as const);
  for (const price of Object.keys(prices) as PriceField[])
    if (!PRICES_OF[type].includes(price)) return notTaken(price, `An order of type ${type} has no ${price}.`);
  if (prices.stopPrice !== undefined && resting?.stopFired)
    return notTaken('stopPrice', 'The stop has fired; the order waits for its limit.');
  const other = swapMode === 'exactOut' ? 'amountIn' : 'amountOut';
  if ((swapMode === 'exactOut' ? amountIn : amountOut) !== undefined)
    return notTaken(other, `An order with swapMode ${swapMode} has no ${other}.`);
  const isLimited = PRICES_OF[type].includes('limitPrice');
  if (given !== undefined && !isLimited && (request.minAmountOut ?? request.maxAmountIn) !== null)
    return notTaken(
      field,
      `The order has a limit of its own for its ${field}, which another amount would not fit.`,
    );
  if (expiresAtMs && expiresAtMs <= clock.now()) return alreadyExpired(clock.now());
  if (expiresAtMs && request.startAtMs !== undefined && expiresAtMs <= request.startAtMs)
    return refused(
      'already_expired',
      'expiresAt',
      'expiresAt is not after startAt.',
      'Send a later expiresAt, or null.',
    );

  const amount = given === undefined ? null : readAmountField(field, given, token);
  if (amount?.outcome === 'refused') return amount;
  const swap = { tokenIn, tokenOut, swapMode, amount: amount?.amount ?? request.amount };
  const limits = readPrices({ ...request.trigger, ...prices }, swap);
  if (limits.outcome === 'refused') return limits;
  const amendment: Amendment = {
    ...prices,
    ...(amount && { [field]: formatAmount(amount.amount, token.decimals) }),
    ...(limits.minAmountOut !== null && {
      minAmountOut: formatAmount(limits.minAmountOut, tokenOut.decimals),
    }),
    ...(limits.maxAmountIn !== null && { maxAmountIn: formatAmount(limits.maxAmountIn, tokenIn.decimals) }),
    ...(expiresAtMs === null && { timeInForce: 'gtc' as const }),
    ...(expiresAtMs && { timeInForce: 'gtd' as const, expiresAt: toTimestamp(expiresAtMs) }),
  };
  return { outcome: 'read', amendment };
}

const notTaken = (field: string, reason: string): SubmitRefusal =>
  refused('not_amendable', field, reason, 'Leave the field out, or cancel the order and submit another one.');
