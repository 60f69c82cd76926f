import type { Order, OrderRequest } from '../../domain/order.ts';
import type { TriggeredBy } from '../../domain/order-event.ts';
import type { PriceField } from '../../domain/order-type.ts';
import type { Price } from '../../domain/price.ts';
import type { Condition, RestingOrder } from '../../domain/resting-table.ts';
import { laterOf } from '../../domain/timestamp.ts';
import { isAtOnce, priceOf, type TriggerTerms } from '../../domain/trigger-terms.ts';

/** An open order as the trigger book has it. */
export function restingOrder(order: Order): RestingOrder {
  const { request } = order;
  return {
    orderId: request.orderId,
    pair: pairOf(request),
    condition: conditionOf(order),
    startAtMs: startOf(order),
    expiresAtMs: request.expiresAtMs,
  };
}

/** Names a pair and its direction. */
export const pairOf = ({ tokenIn, tokenOut }: Pick<OrderRequest, 'tokenIn' | 'tokenOut'>): string =>
  `${tokenIn.mint} ${tokenOut.mint}`;

/** The field of its terms that an open order waits for now. */
export function awaitedBy({ request: { trigger, timeInForce }, resting }: Order): TriggeredBy {
  if (!trigger || isAtOnce(timeInForce)) return 'startAt';
  if (trigger.stopPrice !== undefined && !resting?.stopFired) return 'stopPrice';
  if (trigger.limitPrice !== undefined) return 'limitPrice';
  return trigger.takeProfitPrice !== undefined ? 'takeProfitPrice' : 'trailingBps';
}

/** Any price is as high. An order that waits for a time alone fires at the first price that is known then. */
const ANY_PRICE: Price = { numerator: 1n, denominator: 1n << 200n };

function conditionOf(order: Order): Condition {
  const { request } = order;
  const { trigger = {} } = request;
  const looks = { source: trigger.source ?? 'last', slots: trigger.slots ?? 1 } as const;
  const by = awaitedBy(order);
  switch (by) {
    case 'startAt':
      return { source: 'last', slots: 1, when: 'atOrAbove', price: ANY_PRICE };
    case 'limitPrice':
      return { source: 'last', slots: 1, when: 'atOrAbove', price: requirePrice(trigger, by, request) };
    case 'stopPrice':
      return { ...looks, when: 'atOrBelow', price: requirePrice(trigger, by, request) };
    case 'takeProfitPrice':
      return { ...looks, when: 'atOrAbove', price: requirePrice(trigger, by, request) };
    case 'trailingBps': {
      const sinceMs = request.startAtMs ?? request.createdAtMs;
      return { ...looks, when: 'trailing', trailingBps: trigger.trailingBps ?? 0, sinceMs };
    }
  }
}

function requirePrice(
  trigger: TriggerTerms,
  field: Exclude<PriceField, 'trailingBps'>,
  request: OrderRequest,
): Price {
  const price = priceOf(trigger, field, request);
  if (!price) throw new Error(`order ${request.orderId} has no ${field}`);
  return price;
}

function startOf({ request, resting }: Order): RestingOrder['startAtMs'] {
  const { startAtMs = null } = request;
  const pausedUntilMs = resting?.pausedUntilMs ?? null;
  if (startAtMs === null || pausedUntilMs === null) return startAtMs ?? pausedUntilMs;
  return laterOf(startAtMs, pausedUntilMs);
}
