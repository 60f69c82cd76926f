import { ORDER_TYPES, type SubmitOrderBody, TYPE_HINT } from '@oee/api-schema';
import type { OrderRequest } from '../domain/order.ts';
import type { OrderType } from '../domain/order-type.ts';
import { hasStop, PRICES_OF, type PriceField } from '../domain/order-type.ts';
import { type EpochMs, toEpochMs } from '../domain/timestamp.ts';
import { rests, type TimeInForce, type TriggerTerms } from '../domain/trigger-terms.ts';
import { ProblemError } from './problems.ts';
import { requireExactAmount, type SentBody } from './sent-amount.ts';

/** What kind of order it is, and what it waits for. */
export type Terms = Pick<OrderRequest, 'type' | 'trigger' | 'timeInForce' | 'startAtMs'>;

type Body = SubmitOrderBody;

/**
 * Reads the type of an order and the fields that depend on it. JSON Schema cannot say which belong together.
 * @throws {ProblemError} A field is missing, or the type does not take it.
 */
export function readTerms(sent: SentBody<Body>): Terms {
  const { body } = sent;
  const type = readType(body.type);
  requireFieldsOf(type, body);
  const trigger = PRICES_OF[type].length > 0 ? readTrigger(type, sent) : undefined;
  const timeInForce = readTimeInForce(type, body);
  const startAtMs = readTime('startAt', body.startAt);
  const terms = {
    type,
    ...(trigger && { trigger }),
    ...(timeInForce && { timeInForce }),
    ...(startAtMs !== undefined && { startAtMs }),
  };
  const expiresAtMs = readTime('expiresAt', body.expiresAt);
  if (startAtMs !== undefined && expiresAtMs !== undefined && expiresAtMs <= startAtMs)
    throw refuse(
      'expiresAt',
      'expiresAt is not after startAt.',
      'Send a later expiresAt, or an earlier startAt.',
    );
  if (rests(terms) && body.simulate)
    throw refuse(
      'simulate',
      'An order that rests takes no simulate.',
      'Send it with an order that executes at once.',
    );
  return terms;
}

/** @throws {ProblemError} It is no kind of order. */
export function readType(text: string): OrderType {
  const type = ORDER_TYPES.find((one) => one.toLowerCase() === text.toLowerCase());
  if (type) return type;
  throw refuse('type', `type "${text}" is no kind of order.`, TYPE_HINT);
}

/** An offset may carry a time beyond the years that RFC 3339 can write in UTC. */
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** Epoch milliseconds of RFC 3339 with a zone, as the schema asks; whether it lies ahead is checked with the order. */
export function readTime(field: string, text: string | undefined): EpochMs | undefined {
  if (text === undefined) return undefined;
  const epochMs = Date.parse(text);
  if (epochMs <= LAST_TIME) return toEpochMs(epochMs);
  throw refuse(field, `${field} is not a time.`, 'Send a time such as "2030-01-31T12:00:00Z".');
}

const ALL_PRICES = [
  'limitPrice',
  'stopPrice',
  'takeProfitPrice',
  'trailingBps',
] as const satisfies PriceField[];

function requireFieldsOf(type: OrderType, body: Body): void {
  const prices = PRICES_OF[type];
  for (const field of prices)
    if (body[field] === undefined)
      throw refuse(
        field,
        `An order of type ${type} needs ${field}.`,
        `Add "${field}"; docs/orders describes it.`,
      );
  const taken: Partial<Record<keyof Body, boolean>> = {
    ...Object.fromEntries(ALL_PRICES.map((field) => [field, prices.includes(field)])),
    priceIn: prices.some((field) => field !== 'trailingBps'),
    priceSource: hasStop(type),
    confirmSlots: hasStop(type),
    // The limit price is the floor, or the ceiling.
    minAmountOut: !prices.includes('limitPrice'),
    maxAmountIn: !prices.includes('limitPrice'),
  };
  for (const [field, isTaken] of Object.entries(taken))
    if (!isTaken && body[field as keyof Body] !== undefined)
      throw refuse(
        field,
        `An order of type ${type} takes no ${field}.`,
        `Remove "${field}", or send another type.`,
      );
}

function readTrigger(type: OrderType, sent: SentBody<Body>): TriggerTerms {
  const { trailingBps, priceIn, priceSource, confirmSlots } = sent.body;
  const prices = PRICES_OF[type].flatMap((field) =>
    field === 'trailingBps' ? [] : [[field, requireExactAmount(sent, field)]],
  );
  return {
    ...Object.fromEntries(prices),
    ...(trailingBps !== undefined && { trailingBps }),
    ...(priceIn === 'tokenIn' && { priceIn }),
    ...(priceSource !== undefined && { source: priceSource }),
    ...(confirmSlots !== undefined && { slots: confirmSlots }),
  };
}

function readTimeInForce(type: OrderType, body: Body): TimeInForce | undefined {
  const { expiresAt, swapMode } = body;
  if (type === 'market') {
    if (body.timeInForce === undefined) return undefined;
    throw unsupported('A market order takes no timeInForce: it executes at once.', 'Remove "timeInForce".');
  }
  const timeInForce = body.timeInForce ?? (expiresAt === undefined ? 'gtc' : 'gtd');
  switch (timeInForce) {
    case 'gtd':
      if (expiresAt !== undefined) return timeInForce;
      throw refuse('expiresAt', 'timeInForce "gtd" needs expiresAt.', 'Add "expiresAt", or send "gtc".');
    case 'gtc':
      if (expiresAt === undefined) return timeInForce;
      throw refuse(
        'expiresAt',
        'timeInForce "gtc" takes no expiresAt.',
        'Remove "expiresAt", or send "gtd".',
      );
    default:
      if (type !== 'limit')
        throw unsupported(
          `An order of type ${type} takes no "${timeInForce}": it has to wait.`,
          'Send "gtc" or "gtd".',
        );
      if (timeInForce === 'fok' && swapMode === 'partialFill')
        throw unsupported('"fok" executes the whole amount, and partialFill a part of it.', 'Send "ioc".');
      return timeInForce;
  }
}

const refuse = (field: string, detail: string, hint: string): ProblemError =>
  new ProblemError('invalid_request', { detail, field, hint });

const unsupported = (detail: string, hint: string): ProblemError =>
  new ProblemError('time_in_force_unsupported', { detail, field: 'timeInForce', hint });
