import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import { expect, test } from 'vitest';
import { blankOrder } from '../../../domain/apply-event.ts';
import { toEpochMs } from '../../../domain/timestamp.ts';
import { newTestOrder } from '../../../ports/order-store.suite.ts';
import { documentText, readDocument } from './document.ts';
import { REQUEST_COLUMNS, STATE_COLUMNS } from './order-columns.ts';
import { type OrderRow, toOrder } from './order-row.ts';

const { order } = newTestOrder({ heldUntilMs: toEpochMs(1_750_000_000_124) });

/** As `pg` would read what was written. */
function rowOf(): OrderRow {
  const { request } = order;
  const columns = {
    ...{ order_id: request.orderId, account_id: request.accountId, client_order_id: null },
    ...{ held_until: new Date(request.heldUntilMs!), mint_in: 'So1', mint_out: 'Usdc' },
    ...{
      status: order.status,
      sequence: 1,
      attempt_number: 0,
      slot: null,
      waiting_for: null,
      signature: null,
    },
    ...{ cancel_requested: false, needs_review: false, finalized: false },
  };
  return {
    ...columns,
    request: JSON.parse(REQUEST_COLUMNS.request.from(request)),
    state: JSON.parse(STATE_COLUMNS.state.from(order)),
  };
}

test('a document has amounts as strings, and omits nulls and fields that have a column', () => {
  const whole = { big: 2n ** 64n, none: null, gone: undefined, here: 'a"b', in: { x: 1, y: [true] }, out: 1 };
  expect(documentText(whole, { out: true, in: { x: true } })).toBe(
    '{"big":"18446744073709551616","here":"a\\"b","in":{"y":[true]}}',
  );
});

test('a document omits what is as in the blank that it is read into, at every depth', () => {
  const blank = { kind: 'usual', none: [] as string[], in: { zero: 0n, more: 0n } };
  const whole = { kind: 'usual', none: [], in: { zero: 0n, more: 7n } };
  expect(documentText(whole, {}, blank)).toBe('{"in":{"more":"7"}}');
  const other = { kind: 'other', none: ['a'], in: { zero: 1n, more: 0n } };
  expect(documentText(other, {}, blank)).toBe('{"kind":"other","none":["a"],"in":{"zero":"1"}}');
});

test('an order of usual kind, and its fill without rent, are read back unchanged from short documents', () => {
  const { request } = order;
  const fees = { networkLamports: 5_000n, rentLamports: 0n, rentRefundedLamports: 0n };
  const usual = {
    ...order,
    request: { ...request, type: 'market', swapMode: 'exactIn', executionGuard: 'protocol' } as const,
    fill: { amountIn: 1n, amountOut: 2n, fees },
  };
  const texts = {
    request: REQUEST_COLUMNS.request.from(usual.request),
    state: STATE_COLUMNS.state.from(usual),
  };
  expect(texts.request).not.toMatch(/market|exactIn|protocol/);
  expect(texts.state).toContain('"fees":{"networkLamports":"5000"}');
  const read = toOrder({
    ...rowOf(),
    request: JSON.parse(texts.request),
    state: JSON.parse(texts.state),
  });
  expect(read).toEqual(usual);
});

test('a document is read into a copy of its template', () => {
  const template = { amount: 0n, name: null as string | null };
  expect(readDocument(template, { amount: '18446744073709551616' }, { amount: true })).toEqual({
    amount: 2n ** 64n,
    name: null,
  });
  expect(template).toEqual({ amount: 0n, name: null });
});

test("an order's documents hold the fields that have no column", () => {
  const { request, state } = rowOf();
  for (const { from } of Object.values({ ...REQUEST_COLUMNS, ...STATE_COLUMNS }))
    if (typeof from === 'string') expect({ ...request, ...state }).not.toHaveProperty(from);
  expect(request).not.toHaveProperty('tokenIn.mint');
  expect(request).toMatchObject({ amount: '1000000000', tokenIn: { symbol: 'SOL' } });
});

test('an order is read back unchanged, in the shape of every order', () => {
  const read = toOrder(rowOf());
  expect(read).toEqual(order);
  expect(Object.keys(read)).toEqual(Object.keys(blankOrder(order.request)));
});

test('an order whose request was damaged is refused', () => {
  const row = rowOf();
  expect(() => toOrder({ ...row, request: {} })).toThrow('its request says no amount');
});

test('a token is read as it was written, whether its token program is the original one or another', () => {
  const [usual, other] = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM];
  for (const [programIn, programOut] of [
    [usual, usual],
    [usual, other],
    [other, usual],
  ] as const) {
    const { tokenIn, tokenOut } = order.request;
    const request = {
      ...order.request,
      tokenIn: { ...tokenIn, tokenProgram: programIn },
      tokenOut: { ...tokenOut, tokenProgram: programOut },
    };
    const text = REQUEST_COLUMNS.request.from(request);
    expect(text.includes(usual)).toBe(false);
    expect(toOrder({ ...rowOf(), request: JSON.parse(text) }).request).toEqual(request);
  }
});
