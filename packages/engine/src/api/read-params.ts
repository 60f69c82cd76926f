import { ProblemError } from './problems.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isOrderId = (text: string): boolean => UUID.test(text);

/** @throws {ProblemError} If it is not a UUID in lower case. */
export function requireOrderId(text: string): string {
  if (isOrderId(text)) return text;
  throw new ProblemError('invalid_id', { detail: 'orderId is not a UUID in lower case.', field: 'orderId' });
}

/** The sequence after which events are wanted, 0 if absent; undefined if it is not one. */
export function readAfter(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** @throws {ProblemError} If it is there and not a whole number from 1 to `most`. */
export function requireLimit(text: string | undefined, fallback: number, most: number): number {
  if (text === undefined) return fallback;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= most) return limit;
  throw new ProblemError('invalid_request', {
    detail: `limit must be a whole number from 1 to ${most}.`,
    field: 'limit',
    hint: `Send a limit from 1 to ${most}.`,
  });
}

/** @throws {ProblemError} If it is not a whole number from 0 to `most`. */
export function requireOffset(text: string, most: number): number {
  if (/^\d{1,6}$/.test(text) && Number(text) <= most) return Number(text);
  throw new ProblemError('invalid_request', {
    detail: `offset must be a whole number from 0 to ${most}.`,
    field: 'offset',
    hint: 'Page with the cursor to go further.',
  });
}

/** A cursor hides the id of the last order of a page. */
export const toCursor = (orderId: string): string => Buffer.from(`o1:${orderId}`).toString('base64url');

/** @throws {ProblemError} If it is there and no cursor of ours. */
export function requireCursor(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [version, orderId = ''] = Buffer.from(text.slice(0, 200), 'base64url').toString('utf8').split(':');
  if (version === 'o1' && isOrderId(orderId) && toCursor(orderId) === text) return orderId;
  throw new ProblemError('invalid_cursor', { field: 'cursor' });
}
