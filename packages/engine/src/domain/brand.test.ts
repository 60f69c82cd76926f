import { expect, test } from 'vitest';
import { type BlockHeight, blocksOf, toBlockHeight } from './block-height.ts';
import { type Moment, momentOf } from './moment.ts';
import { type AccountId, type OrderId, toAccountId, toOrderId } from './order.ts';
import { type Signature, toSignature } from './signature.ts';
import { type EpochMs, timeAfter, toEpochMs } from './timestamp.ts';
import { type Mint, type Token, toMint } from './token.ts';

// The compiler checks these lines: without a brand an expected error is missing, and `npm run check` fails.
const takes = <T>(value: T): T => value;

test('ids do not mix', () => {
  const [order, account] = [toOrderId('order'), toAccountId('account')];
  // @ts-expect-error The name that the client gave an order is not its id.
  takes<OrderId>('client order id');
  // @ts-expect-error An account is no order.
  takes<OrderId>(account);
  // @ts-expect-error An order is no account.
  takes<AccountId>(order);
  // @ts-expect-error Values of two brands are never equal.
  expect(order === account).toBe(false);
});

test('the signature of a transaction is neither an id nor any text', () => {
  const signature = toSignature('signature');
  // @ts-expect-error A transaction is no order.
  takes<OrderId>(signature);
  // @ts-expect-error An order is no transaction.
  takes<Signature>(toOrderId('order'));
  // @ts-expect-error The text may be a blockhash or an address.
  takes<Signature>('4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi');
  // @ts-expect-error A list by signature is not read by order.
  new Map([[signature, 1]]).get(toOrderId('order'));
});

test('the mint of a token is no other address and no symbol', () => {
  const token: Token = { mint: toMint('mint'), symbol: 'A', decimals: 6, tokenProgram: 'program' };
  // @ts-expect-error Symbols are no identity.
  takes<Mint>(token.symbol);
  // @ts-expect-error A program is no token.
  takes<Mint>(token.tokenProgram);
  // @ts-expect-error A transaction is no token.
  takes<Mint>(toSignature('signature'));
  // @ts-expect-error Holdings are kept by mint.
  takes<ReadonlyMap<Mint, bigint>>(new Map([['account', 1n]]));
});

test('a block height is no slot, not even in a comparison', () => {
  const [height, slot] = [toBlockHeight(100n), 200n];
  // @ts-expect-error A slot is no height.
  takes<BlockHeight>(slot);
  // @ts-expect-error Without blocksOf a height would compare with slots.
  takes<bigint>(height);
  // @ts-expect-error A slot is always ahead, so an attempt that can still land would count as dead.
  expect(slot > height).toBe(true);
  // @ts-expect-error Slots and heights are never equal.
  expect(slot === height).toBe(false);
  expect(height < toBlockHeight(101n)).toBe(true);
  expect(blocksOf(height)).toBe(100n);
});

test('a time is no duration and no moment', () => {
  const [time, durationMs] = [toEpochMs(1_750_000_000_000), 30_000];
  // @ts-expect-error A duration is no time.
  takes<EpochMs>(durationMs);
  // @ts-expect-error The sum is a number again: timeAfter says that it is a time.
  takes<EpochMs>(time + durationMs);
  // @ts-expect-error A moment counts from the start of the process.
  takes<EpochMs>(momentOf(5));
  // @ts-expect-error A time may be set back, a moment not.
  takes<Moment>(time);
  // @ts-expect-error A time and a moment do not compare.
  expect(time < momentOf(5)).toBe(false);
  expect(timeAfter(time, durationMs)).toBe(1_750_000_030_000);
});

test('a branded value is the plain value', () => {
  const strings = [toOrderId('a'), toAccountId('b'), toSignature('c'), toMint('d')];
  expect(strings).toEqual(['a', 'b', 'c', 'd']);
});
