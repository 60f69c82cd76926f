import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACCOUNT } from '../src/api/account.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

// SOL is at 150 USDC before fees; no order below fires by itself.
const SALE = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '2' };
const LIMIT = { ...SALE, type: 'limit', limitPrice: '160' };
const STOP = { ...SALE, type: 'stop', stopPrice: '140' };
const TAKE_PROFIT = { ...SALE, type: 'takeProfit', takeProfitPrice: '170' };
const STOP_LIMIT = { ...SALE, type: 'stopLimit', stopPrice: '140', limitPrice: '139' };
const TRAILING = { ...SALE, type: 'trailingStop', trailingBps: 500 };
const LATER = { ...SALE, type: 'market', startAt: '2100-01-01T00:00:00Z' };
const TYPES = [LIMIT, STOP, TAKE_PROFIT, STOP_LIMIT, TRAILING];
const UNKNOWN = '01a1fc22-e037-7000-9a9f-8530623254b1';

let world: TestWorld;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  world = await createWorld();
  await world.start();
  ({ app, url } = await serveTestApp(world.engine));
});
afterEach(async () => {
  await app.close();
  await world.stop();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly tag: string | null;
  readonly replayed: string | null;
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/api/orders${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    tag: response.headers.get('etag'),
    replayed: response.headers.get('idempotency-replayed'),
  };
}

const submit = (body: unknown, headers?: Record<string, string>) => ask('POST', '', body, headers);
const amend = (orderId: unknown, body: unknown, headers?: Record<string, string>) =>
  ask('PATCH', `/${String(orderId)}`, body, headers);
const read = (orderId: unknown) => ask('GET', `/${String(orderId)}`);
const stored = () => world.engine.orders.list({ accountId: ACCOUNT, limit: 10 });

async function accepted(body: object): Promise<Record<string, unknown>> {
  const answer = await submit(body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

function expectRefusal(answer: Answer, status: number, code: string, field?: string): void {
  expect(answer.body).toMatchObject({
    status,
    code,
    hint: expect.stringMatching(/\S/),
    ...(field && { field }),
  });
  expect(answer.status).toBe(status);
}

const without = (body: object, field: string): object =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));

describe('a submission', () => {
  const missing = [
    [LIMIT, 'limitPrice'],
    [STOP, 'stopPrice'],
    [TAKE_PROFIT, 'takeProfitPrice'],
    [STOP_LIMIT, 'stopPrice'],
    [STOP_LIMIT, 'limitPrice'],
    [TRAILING, 'trailingBps'],
  ] as const;
  test.each(missing)('of %j is refused without its %s', async (body, field) => {
    expectRefusal(await submit(without(body, field)), 400, 'invalid_request', field);
  });

  const PRICES = { limitPrice: '150', stopPrice: '150', takeProfitPrice: '150', trailingBps: 100 };
  const foreign = [...TYPES, { ...SALE, type: 'market' }].flatMap((body) =>
    Object.entries(PRICES)
      .filter(([field]) => !(field in body))
      .map(([field, value]) => [body.type, field, { ...body, [field]: value }] as const),
  );
  test.each(foreign)('of type %s is refused with %s', async (_type, field, body) => {
    expectRefusal(await submit(body), 400, 'invalid_request', field);
    expect(await stored()).toEqual([]);
  });

  test.each([
    ['priceIn of a trailing stop', { ...TRAILING, priceIn: 'tokenOut' }, 'priceIn'],
    ['priceIn of a market order', { ...SALE, type: 'market', priceIn: 'tokenIn' }, 'priceIn'],
    ['a third priceIn', { ...LIMIT, priceIn: 'USD' }, 'priceIn'],
    ['priceSource of a limit', { ...LIMIT, priceSource: 'mid' }, 'priceSource'],
    ['priceSource of a market order', { ...LATER, priceSource: 'mid' }, 'priceSource'],
    ['an unknown priceSource', { ...STOP, priceSource: 'oracle' }, 'priceSource'],
    ['confirmSlots of a limit', { ...LIMIT, confirmSlots: 2 }, 'confirmSlots'],
    ['no slots', { ...STOP, confirmSlots: 0 }, 'confirmSlots'],
    ['too many slots', { ...STOP, confirmSlots: 101 }, 'confirmSlots'],
    ['a part of a slot', { ...STOP, confirmSlots: 1.5 }, 'confirmSlots'],
    ['a floor beside its limit', { ...LIMIT, minAmountOut: '1' }, 'minAmountOut'],
    [
      'a ceiling beside its limit',
      { ...without(LIMIT, 'amountIn'), swapMode: 'exactOut', amountOut: '9', maxAmountIn: '1' },
      'maxAmountIn',
    ],
    ['a failure on demand', { ...STOP, simulate: { scenario: 'drop' } }, 'simulate'],
    ['a failure on demand later', { ...LATER, simulate: { scenario: 'drop' } }, 'simulate'],
    ['trailing by nothing', { ...TRAILING, trailingBps: 0 }, 'trailingBps'],
    ['trailing by everything', { ...TRAILING, trailingBps: 10_000 }, 'trailingBps'],
    ['trailing by text', { ...TRAILING, trailingBps: '100' }, 'trailingBps'],
    ['a price of null', { ...LIMIT, limitPrice: null }, 'limitPrice'],
    ['an exponent in a price', { ...LIMIT, limitPrice: '1e5' }, 'limitPrice'],
    ['a negative price', { ...STOP, stopPrice: '-140' }, 'stopPrice'],
    ['a negative number', { ...STOP, stopPrice: -140 }, 'stopPrice'],
    ['an empty price', { ...TAKE_PROFIT, takeProfitPrice: '' }, 'takeProfitPrice'],
    ['a price with a comma', { ...TAKE_PROFIT, takeProfitPrice: '1,5' }, 'takeProfitPrice'],
    ['an unknown timeInForce', { ...LIMIT, timeInForce: 'day' }, 'timeInForce'],
    ['gtd without an end', { ...LIMIT, timeInForce: 'gtd' }, 'expiresAt'],
    ['gtc with an end', { ...LIMIT, timeInForce: 'gtc', expiresAt: '2100-01-01T00:00:00Z' }, 'expiresAt'],
    ['a start without a zone', { ...LIMIT, startAt: '2100-01-01T00:00:00' }, 'startAt'],
    ['a start beyond the year 9999 in UTC', { ...LIMIT, startAt: '9999-12-31T23:59:59-12:00' }, 'startAt'],
    ['an end beyond the year 9999 in UTC', { ...LIMIT, expiresAt: '9999-12-31T23:59:59-12:00' }, 'expiresAt'],
    ['a start on no day', { ...LIMIT, startAt: '2100-02-31T00:00:00Z' }, 'startAt'],
    ['an end at its start', { ...LATER, expiresAt: LATER.startAt }, 'expiresAt'],
    ['an unknown type', { ...LIMIT, type: 'iceberg' }, 'type'],
    ['no type', { ...LIMIT, type: '' }, 'type'],
  ])('is refused: %s', async (_name, body, field) => {
    expectRefusal(await submit(body), 400, 'invalid_request', field);
    expect(await stored()).toEqual([]);
  });

  const max = '18446744073.709551615';
  const meaningless: readonly (readonly [string, object, string, string])[] = [
    ['a price of zero', { ...LIMIT, limitPrice: '0' }, 'invalid_price', 'limitPrice'],
    ['a price of 0.000', { ...STOP, stopPrice: '0.000' }, 'invalid_price', 'stopPrice'],
    ['21 digits', { ...LIMIT, limitPrice: '1'.repeat(21) }, 'invalid_price', 'limitPrice'],
    ['19 decimals', { ...STOP, stopPrice: `0.${'1'.repeat(19)}` }, 'invalid_price', 'stopPrice'],
    [
      'a number of 16 digits',
      { ...TAKE_PROFIT, takeProfitPrice: 150.1234567890123 },
      'invalid_amount',
      'takeProfitPrice',
    ],
    [
      'an output over u64',
      { ...LIMIT, amountIn: max, limitPrice: '1000001' },
      'amount_out_of_range',
      'limitPrice',
    ],
    [
      'an input under one unit',
      {
        ...without(LIMIT, 'amountIn'),
        swapMode: 'exactOut',
        amountOut: '0.000001',
        limitPrice: '18446744073709551615',
      },
      'amount_out_of_range',
      'limitPrice',
    ],
    ['a bad stop of a stopLimit', { ...STOP_LIMIT, stopPrice: '0' }, 'invalid_price', 'stopPrice'],
    [
      'an end that has passed',
      { ...LIMIT, expiresAt: '2000-01-01T00:00:00Z' },
      'already_expired',
      'expiresAt',
    ],
    [
      'timeInForce of a market order',
      { ...SALE, type: 'market', timeInForce: 'ioc' },
      'time_in_force_unsupported',
      'timeInForce',
    ],
    [
      'fok of a part',
      { ...LIMIT, timeInForce: 'fok', swapMode: 'partialFill' },
      'time_in_force_unsupported',
      'timeInForce',
    ],
    ...[STOP, TAKE_PROFIT, STOP_LIMIT, TRAILING].flatMap((body) =>
      ['ioc', 'fok'].map(
        (timeInForce) =>
          [
            `${timeInForce} of ${body.type}`,
            { ...body, timeInForce },
            'time_in_force_unsupported',
            'timeInForce',
          ] as const,
      ),
    ),
  ];
  test.each(meaningless)('is refused for its meaning: %s', async (_name, body, code, field) => {
    expectRefusal(await submit(body), 422, code, field);
    expect(await stored()).toEqual([]);
  });

  test.each(['LIMIT', 'Limit', 'limit', 'TAKEPROFIT', 'stoplimit', 'TrailingStop', 'MARKET'])(
    'takes its type as %s',
    async (type) => {
      const body = [...TYPES, LATER].find((one) => one.type.toLowerCase() === type.toLowerCase());
      expect(await accepted({ ...body, type })).toMatchObject({ type: body?.type, status: 'open' });
    },
  );

  test('is read from a number as from its text', async () => {
    expect(await accepted({ ...LIMIT, limitPrice: 160.5 })).toMatchObject({ limitPrice: '160.5' });
  });

  test('that is repeated gives the order that rests, in whatever case its type is', async () => {
    const key = { 'idempotency-key': 'k' };
    const first = await submit(LIMIT, key);
    const again = await submit({ ...LIMIT, type: 'LIMIT' }, key);
    expect([first.status, again.status, again.replayed]).toEqual([201, 200, 'true']);
    expect(again.body.orderId).toBe(first.body.orderId);
    expectRefusal(await submit({ ...LIMIT, limitPrice: '161' }, key), 422, 'idempotency_key_reused');
    expect(await stored()).toHaveLength(1);
  });

  test('that is repeated under its clientOrderId gives the order as it was amended', async () => {
    const body = { ...LIMIT, clientOrderId: 'mine' };
    const { orderId } = await accepted(body);
    await amend(orderId, { limitPrice: '170' });
    expect(await submit(body)).toMatchObject({ status: 200, body: { orderId, limitPrice: '170' } });
    expectRefusal(await submit({ ...body, limitPrice: '170' }), 409, 'client_order_id_taken');
  });
});

test.each([
  [
    LIMIT,
    { limitPrice: '160', minAmountOut: '320', priceIn: 'tokenOut', priceSource: null, confirmSlots: null },
  ],
  [STOP, { stopPrice: '140', minAmountOut: null, priceSource: 'last', confirmSlots: 1 }],
  [
    { ...TAKE_PROFIT, priceSource: 'twap', confirmSlots: 3 },
    { takeProfitPrice: '170', priceSource: 'twap', confirmSlots: 3 },
  ],
  [STOP_LIMIT, { stopPrice: '140', limitPrice: '139', minAmountOut: '278', stopFired: false }],
  [TRAILING, { trailingBps: 500, priceIn: 'tokenOut', priceSource: 'last' }],
  [
    { ...LIMIT, priceIn: 'tokenIn', limitPrice: '0.003' },
    { limitPrice: '0.003', priceIn: 'tokenIn', minAmountOut: '666.666667' },
  ],
  [
    { ...without(LIMIT, 'amountIn'), swapMode: 'exactOut', amountOut: '1', limitPrice: '170' },
    { amountIn: null, amountOut: '1', maxAmountIn: '0.005882352', minAmountOut: null },
  ],
  [
    { ...LIMIT, timeInForce: 'gtd', expiresAt: '2100-01-01T01:00:00+01:00' },
    { timeInForce: 'gtd', expiresAt: '2100-01-01T00:00:00.000Z' },
  ],
  [
    { ...LIMIT, expiresAt: '2100-01-01T00:00:00Z' },
    { timeInForce: 'gtd', expiresAt: '2100-01-01T00:00:00.000Z' },
  ],
  [LATER, { timeInForce: null, startAt: '2100-01-01T00:00:00.000Z', priceIn: null, limitPrice: null }],
])('%j is shown with its terms', async (body, shown) => {
  const order = await accepted(body);
  expect(order).toMatchObject({
    ...{ timeInForce: 'gtc', stopFired: false, firings: 0, expiresAt: null, failure: null },
    ...{ status: 'open', sequence: 2 },
    ...shown,
  });
  expect((await read(order.orderId)).body).toEqual(order);
});

test('of one version an order has one tag in every answer, and another after each change', async () => {
  const created = await submit(LIMIT);
  expect(created.tag).toBe('"2"');
  const { orderId } = created.body;
  expect((await read(orderId)).tag).toBe('"2"');
  expect((await amend(orderId, { limitPrice: '170' })).tag).toBe('"3"');
  expect((await read(orderId)).tag).toBe('"3"');
  expect((await ask('DELETE', `/${String(orderId)}`)).tag).toBe('"4"');
});

describe('an amendment', () => {
  test.each([
    [LIMIT, { limitPrice: '165' }, { limitPrice: '165', minAmountOut: '330' }],
    [LIMIT, { amountIn: '3' }, { amountIn: '3', limitPrice: '160', minAmountOut: '480' }],
    [
      LIMIT,
      { limitPrice: 165.5, amountIn: 3 },
      { limitPrice: '165.5', amountIn: '3', minAmountOut: '496.5' },
    ],
    [
      { ...LIMIT, priceIn: 'tokenIn', limitPrice: '0.003' },
      { limitPrice: '0.004' },
      { limitPrice: '0.004', minAmountOut: '500' },
    ],
    [
      { ...without(LIMIT, 'amountIn'), swapMode: 'exactOut', amountOut: '1' },
      { amountOut: '3200' },
      { amountOut: '3200', maxAmountIn: '20' },
    ],
    [STOP, { stopPrice: '130' }, { stopPrice: '130', minAmountOut: null }],
    [STOP, { amountIn: '1' }, { amountIn: '1' }],
    [TAKE_PROFIT, { takeProfitPrice: '180' }, { takeProfitPrice: '180' }],
    [
      STOP_LIMIT,
      { stopPrice: '130', limitPrice: '129' },
      { stopPrice: '130', limitPrice: '129', minAmountOut: '258' },
    ],
    [TRAILING, { trailingBps: 700 }, { trailingBps: 700 }],
    [
      LIMIT,
      { expiresAt: '2100-01-01T00:00:00Z' },
      { timeInForce: 'gtd', expiresAt: '2100-01-01T00:00:00.000Z', limitPrice: '160' },
    ],
    [
      { ...LIMIT, expiresAt: '2100-01-01T00:00:00Z' },
      { expiresAt: null },
      { timeInForce: 'gtc', expiresAt: null },
    ],
    [
      { ...LATER, expiresAt: '2101-01-01T00:00:00Z' },
      { expiresAt: null },
      { timeInForce: null, expiresAt: null },
    ],
    [LATER, { amountIn: '1' }, { amountIn: '1' }],
  ])('of %j by %j changes that and nothing else', async (body, change, shown) => {
    const before = await accepted(body);
    const { status, body: after } = await amend(before.orderId, change);
    expect(status, JSON.stringify(after)).toBe(200);
    expect(after).toEqual({
      ...before,
      ...{ sequence: 3, updatedAt: after.updatedAt },
      ...shown,
    });
    expect((await read(before.orderId)).body).toEqual(after);
  });

  test.each([
    ['no field', LIMIT, {}, 400, 'invalid_request', undefined],
    ['an unknown field', LIMIT, { type: 'stop' }, 400, 'invalid_request', 'type'],
    ['no body', LIMIT, 'null', 400, 'invalid_request', undefined],
    ['a price of null', LIMIT, { limitPrice: null }, 400, 'invalid_request', 'limitPrice'],
    ['a price of zero', LIMIT, { limitPrice: '0' }, 422, 'invalid_price', 'limitPrice'],
    ['an inexact number', LIMIT, { limitPrice: 160.1234567890123 }, 422, 'invalid_amount', 'limitPrice'],
    [
      'a price out of range',
      LIMIT,
      { limitPrice: '99999999999999999999' },
      422,
      'amount_out_of_range',
      'limitPrice',
    ],
    ['no amount', LIMIT, { amountIn: '0' }, 422, 'amount_out_of_range', 'amountIn'],
    ['too many decimals', LIMIT, { amountIn: '0.0000000001' }, 422, 'too_many_decimals', 'amountIn'],
    ['the other amount', LIMIT, { amountOut: '1' }, 422, 'not_amendable', 'amountOut'],
    ['the price of another type', LIMIT, { stopPrice: '1' }, 422, 'not_amendable', 'stopPrice'],
    ['the tail of another type', STOP, { trailingBps: 100 }, 422, 'not_amendable', 'trailingBps'],
    ['a tail of nothing', TRAILING, { trailingBps: 0 }, 400, 'invalid_request', 'trailingBps'],
    [
      'another amount for a floor',
      { ...STOP, minAmountOut: '200' },
      { amountIn: '1' },
      422,
      'not_amendable',
      'amountIn',
    ],
    [
      'an end that has passed',
      LIMIT,
      { expiresAt: '2000-01-01T00:00:00Z' },
      422,
      'already_expired',
      'expiresAt',
    ],
    [
      'an end before its start',
      LATER,
      { expiresAt: '2099-01-01T00:00:00Z' },
      422,
      'already_expired',
      'expiresAt',
    ],
    ['an end that is no time', LIMIT, { expiresAt: 'tomorrow' }, 400, 'invalid_request', 'expiresAt'],
  ])('is refused and changes nothing: %s', async (_name, body, change, status, code, field) => {
    const order = await accepted(body);
    expectRefusal(await amend(order.orderId, change), status, code, field);
    expect((await read(order.orderId)).body).toEqual(order);
  });

  test('of an order that does not rest is refused', async () => {
    const { orderId } = await accepted({ ...SALE, type: 'market' });
    expectRefusal(await amend(orderId, { amountIn: '1' }), 409, 'order_not_open');
    const { orderId: canceled } = await accepted(LIMIT);
    await ask('DELETE', `/${String(canceled)}`);
    expectRefusal(await amend(canceled, { limitPrice: '1' }), 409, 'order_not_open');
    expectRefusal(await amend(UNKNOWN, { limitPrice: '1' }), 404, 'order_not_found');
    expectRefusal(await amend('nonsense', { limitPrice: '1' }), 400, 'invalid_id', 'orderId');
  });

  test('of a stop that has fired is refused, of its limit not', async () => {
    const { orderId } = await accepted({ ...STOP_LIMIT, stopPrice: '160', limitPrice: '155' });
    await world.slots(3);
    expect((await read(orderId)).body).toMatchObject({ status: 'open', stopFired: true });
    expectRefusal(await amend(orderId, { stopPrice: '120' }), 422, 'not_amendable', 'stopPrice');
    expect((await amend(orderId, { limitPrice: '156' })).body).toMatchObject({ limitPrice: '156' });
  });

  test.each(['"2"', 'W/"2"', '*'])(
    'with If-Match %s is taken while the order is as it was seen',
    async (tag) => {
      const { orderId } = await accepted(LIMIT);
      expect((await amend(orderId, { limitPrice: '170' }, { 'if-match': tag })).status).toBe(200);
    },
  );

  test('with the tag of an earlier version is refused', async () => {
    const { orderId } = await accepted(LIMIT);
    await amend(orderId, { limitPrice: '170' });
    expectRefusal(
      await amend(orderId, { limitPrice: '180' }, { 'if-match': '"2"' }),
      412,
      'order_changed',
      'If-Match',
    );
    expect((await read(orderId)).body.limitPrice).toBe('170');
  });

  test.each(['2', '""', '"x"', '"1", "2"', '"99999999999"'])('with If-Match %s is refused', async (tag) => {
    const { orderId } = await accepted(LIMIT);
    const answer = await amend(orderId, { limitPrice: '170' }, { 'if-match': tag });
    expectRefusal(answer, 400, 'invalid_request', 'If-Match');
  });

  test('decides when the order fires', async () => {
    const { orderId } = await accepted(LIMIT);
    await world.slots(3);
    await amend(orderId, { limitPrice: '140' });
    const [order] = await stored();
    await world.settle([order!]);
    expect((await read(orderId)).body).toMatchObject({ status: 'confirmed', limitPrice: '140', firings: 1 });
  });
});

describe('a cancel of many orders', () => {
  const cancelAll = (query: string) => ask('DELETE', query);
  const statusesOf = async () => (await stored()).map(({ status }) => status);

  test('needs a filter or the word that all are meant', async () => {
    await accepted(LIMIT);
    expectRefusal(await cancelAll(''), 400, 'invalid_request', 'all');
    expectRefusal(await cancelAll('?all=false'), 400, 'invalid_request', 'all');
    expectRefusal(await cancelAll('?status=asleep'), 400, 'invalid_request', 'status');
    expectRefusal(await cancelAll('?tokenIn=DOGE'), 422, 'unknown_token', 'tokenIn');
    expectRefusal(await cancelAll('?orderId=1'), 400, 'invalid_request');
    expect(await statusesOf()).toEqual(['open']);
  });

  test('ends all that are not over, says how many, and may be repeated', async () => {
    for (const body of [...TYPES, LATER]) await accepted(body);
    const done = { canceled: TYPES.length + 1, requested: 0, more: false };
    expect((await cancelAll('?all=true')).body).toEqual(done);
    expect(new Set(await statusesOf())).toEqual(new Set(['canceled']));
    expect((await cancelAll('?all=true')).body).toEqual({ ...done, canceled: 0 });
  });

  test('takes those alone that fit its filter', async () => {
    await accepted(LIMIT);
    await accepted({ ...LIMIT, tokenIn: 'USDC', tokenOut: 'SOL' });
    expect((await cancelAll('?status=pending,confirmed')).body).toMatchObject({ canceled: 0 });
    expect((await cancelAll('?status=open&tokenIn=USDC')).body).toMatchObject({ canceled: 1 });
    expect(await statusesOf()).toEqual(['canceled', 'open']);
    expect((await cancelAll('?tokenOut=USDC')).body).toMatchObject({ canceled: 1 });
  });

  test('asks for those whose transaction is in flight', async () => {
    await accepted(LIMIT);
    const { orderId } = await accepted({ ...SALE, type: 'market' });
    while ((await read(orderId)).body.status !== 'submitted') await world.clock.advance(20);
    expect((await cancelAll('?all=true')).body).toEqual({ canceled: 1, requested: 1, more: false });
  });
});
