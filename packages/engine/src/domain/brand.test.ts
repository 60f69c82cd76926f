import { expect, test } from 'vitest';
import { type AccountId, type OrderId, toAccountId, toOrderId } from './order.ts';
import { type Signature, toSignature } from './signature.ts';

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

test('the signature of a transaction is neither an id nor any text', () => {
  const signature = toSignature('signature');
  // @ts-expect-error
  takes<OrderId>(signature);
  // @ts-expect-error
  takes<Signature>(toOrderId('order'));
  // @ts-expect-error The text may be a blockhash or an address.
  takes<Signature>('4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi');
  // @ts-expect-error A list by signature is not read by order.
  new Map([[signature, 1]]).get(toOrderId('order'));
});

test('a branded value is the plain value', () => {
  expect([toOrderId('a'), toAccountId('b'), toSignature('c')]).toEqual(['a', 'b', 'c']);
});
