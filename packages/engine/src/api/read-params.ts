import { after } from '@oee/api-schema';
import type { OrderId } from '../domain/order.ts';
import { ProblemError } from './problems.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isOrderId = (text: string): text is OrderId => UUID.test(text);

/** @throws {ProblemError} If it is not a UUID in lower case. */
export function requireOrderId(text: string, field: string): asserts text is OrderId {
  if (!isOrderId(text))
    throw new ProblemError('invalid_id', { detail: `${field} is not a UUID in lower case.`, field });
}

/**
 * The sequence after which events are wanted, 0 if absent; undefined if it is not one. For sockets and the header
 * Last-Event-ID: `serve` checks the query of any other operation.
 */
export const readAfter = (text: string | undefined): number | undefined =>
  text === undefined ? 0 : after.safeParse(text).data;

/** A cursor hides the id of the last order of a page. */
export const toCursor = (orderId: OrderId): string => Buffer.from(`o1:${orderId}`).toString('base64url');

/** @throws {ProblemError} If it is there and no cursor of ours. */
export function requireCursor(text: string | undefined): OrderId | undefined {
  if (text === undefined) return undefined;
  const [version, orderId = ''] = Buffer.from(text.slice(0, 200), 'base64url').toString('utf8').split(':');
  if (version === 'o1' && isOrderId(orderId) && toCursor(orderId) === text) return orderId;
  throw new ProblemError('invalid_cursor', { field: 'cursor' });
}
