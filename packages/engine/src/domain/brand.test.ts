import { expect, test } from 'vitest';
import { type AccountId, type OrderId, toAccountId, toOrderId } from './order.ts';

// The compiler checks these lines: without a brand an expected error is missing, and `npm run check` fails.
const takes = <T>(value: T): T => value;

test('ids do not mix', () => {
  const [order, account] = [toOrderId('order'), toAccountId('account')];
  // @ts-expect-error The name that the client gave an order is not its id.
  takes<OrderId>('client order id');
  // @ts-expect-error
  takes<OrderId>(account);
  // @ts-expect-error
  takes<AccountId>(order);
  // @ts-expect-error Values of two brands are never equal.
  expect(order === account).toBe(false);
});

test('a branded value is the plain value', () => {
  expect([toOrderId('a'), toAccountId('b')]).toEqual(['a', 'b']);
});
