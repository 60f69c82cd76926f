import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ACCOUNT } from '../src/api/account.ts';
import { toOrderId } from '../src/domain/order.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld, POOLS, SOL, type TestWorld, USDC } from './support/world.ts';

const VALID = { type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' };

let world: TestWorld;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  world = await createWorld();
  await world.start();
  await listen({});
});
afterEach(async () => {
  await app.close();
  await world.stop();
});

async function listen(options: { apiKey?: string; host?: string }): Promise<void> {
  await app?.close();
  ({ app, url } = await serveTestApp(world.engine, options));
}

const send = (body: string, headers: Record<string, string> = {}, path = ''): Promise<Response> =>
  fetch(`${url}/api/orders${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
const post = (body: unknown, headers?: Record<string, string>) => send(JSON.stringify(body), headers);
const get = (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers });

interface Frame {
  sequence: number;
  type: string;
}

/** Collects frames until the socket closes, or until `enough` of them are there; then it hangs up. */
async function frames(
  path: string,
  enough = Number.POSITIVE_INFINITY,
): Promise<{ events: Frame[]; code: number }> {
  const socket = new WebSocket(url.replace('http', 'ws') + path);
  const events: Frame[] = [];
  socket.on('message', (data) => {
    events.push(JSON.parse(String(data)));
    if (events.length >= enough) socket.close();
  });
  const [code] = await once(socket, 'close');
  return { events: events.slice(0, enough), code };
}

async function expectProblem(response: Response, statuses: readonly number[]): Promise<{ code: string }> {
  const text = await response.text();
  expect(statuses, text).toContain(response.status);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text);
  expect(problem).toMatchObject({
    status: response.status,
    code: expect.stringMatching(/^[a-z_]+$/),
    title: expect.any(String),
    detail: expect.any(String),
    hint: expect.stringMatching(/\S/),
    retryable: false,
    requestId: expect.any(String),
  });
  return problem;
}

const without = (field: string) =>
  Object.fromEntries(Object.entries(VALID).filter(([name]) => name !== field));
const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

const BAD_BODIES: readonly (readonly [string, string, number])[] = [
  ...Object.keys(VALID).map((field) => [`no ${field}`, JSON.stringify(without(field)), 400] as const),
  ...(
    [
      ['negative', -1],
      ['negative text', '-1'],
      ['zero', 0],
      ['zero text', '0'],
      ['zero with decimals', '0.000000000'],
      ['NaN text', 'NaN'],
      ['12abc', '12abc'],
      ['1e3 text', '1e3'],
      ['1e308', 1e308],
      ['1e-7', 1e-7],
      ['401 digits', '9'.repeat(401)],
      ['17 significant digits', 1.2345678901234567],
      ['too many decimals', '0.0000000001'],
      ['over u64', '18446744073.709551616'],
      ['empty', ''],
      ['spaces', ' 1 '],
      ['plus', '+1'],
      ['comma', '1,5'],
      ['hex', '0x10'],
      ['Infinity', 'Infinity'],
      ['full-width digits', '１'],
      ['true', true],
      ['null', null],
      ['array', ['1']],
      ['object', { value: '1' }],
    ] as const
  ).map(([name, amountIn]) => [`amount ${name}`, JSON.stringify({ ...VALID, amountIn }), 0] as const),
  ['NaN literal', '{"type":"market","tokenIn":"SOL","tokenOut":"USDC","amountIn":NaN}', 400],
  ['same symbol', JSON.stringify({ ...VALID, tokenOut: 'sol' }), 422],
  [
    'same token by mint',
    JSON.stringify({ ...VALID, tokenOut: 'So11111111111111111111111111111111111111112' }),
    422,
  ],
  ['no such pair', JSON.stringify({ ...VALID, tokenOut: 'BONK' }), 422],
  ['unknown token', JSON.stringify({ ...VALID, tokenOut: 'DOGE' }), 422],
  ['token as object', JSON.stringify({ ...VALID, tokenIn: { mint: 'SOL' } }), 400],
  ['token as number', JSON.stringify({ ...VALID, tokenIn: 7 }), 400],
  ['NUL in a token', JSON.stringify({ ...VALID, tokenIn: 'SOL\u0000' }), 400],
  ['control characters', JSON.stringify({ ...VALID, clientOrderId: 'a\u0007b' }), 400],
  ['5,000 characters', JSON.stringify({ ...VALID, tokenIn: 'S'.repeat(5_000) }), 400],
  ['SQL-ish token', JSON.stringify({ ...VALID, tokenIn: "';DROP--TABLE" }), 422],
  ['SQL-ish id', JSON.stringify({ ...VALID, clientOrderId: "x'; DROP TABLE orders; --" }), 400],
  [
    '__proto__',
    '{"type":"market","tokenIn":"SOL","tokenOut":"USDC","amountIn":"1","__proto__":{"a":1}}',
    400,
  ],
  [
    'constructor',
    '{"type":"market","tokenIn":"SOL","tokenOut":"USDC","amountIn":"1","constructor":{"prototype":{}}}',
    400,
  ],
  ['token "constructor"', JSON.stringify({ ...VALID, tokenIn: 'constructor' }), 422],
  ['token "__proto__"', JSON.stringify({ ...VALID, tokenIn: '__proto__' }), 422],
  ['broken JSON', '{"type":"market"', 400],
  ['empty body', '', 400],
  ['null', 'null', 400],
  ['array', '[]', 400],
  ['string', '"market"', 400],
  ['number', '1', 400],
  ['deep nesting', deep, 400],
  ['deep nesting in a field', `{"type":"market","tokenIn":${deep},"tokenOut":"USDC","amountIn":"1"}`, 400],
  ['5 MB', JSON.stringify({ ...VALID, clientOrderId: 'x'.repeat(5_000_000) }), 413],
  ['unknown type', JSON.stringify({ ...VALID, type: 'iceberg' }), 400],
  ['unknown field', JSON.stringify({ ...VALID, leverage: 10 }), 400],
  ['an unknown guard', JSON.stringify({ ...VALID, executionGuard: 'safe' }), 400],
  ['no guard', JSON.stringify({ ...VALID, executionGuard: null }), 400],
  ['slippage negative', JSON.stringify({ ...VALID, slippageBps: -1 }), 400],
  ['slippage over 100 %', JSON.stringify({ ...VALID, slippageBps: 10_001 }), 400],
  ['slippage with a fraction', JSON.stringify({ ...VALID, slippageBps: 0.5 }), 400],
  ['a failure nobody knows', JSON.stringify({ ...VALID, simulate: { scenario: 'earthquake' } }), 400],
  ['a failure without a name', JSON.stringify({ ...VALID, simulate: {} }), 400],
  ['price impact over 100 %', JSON.stringify({ ...VALID, maxPriceImpactBps: 10_001 }), 400],
  ['no price impact at all', JSON.stringify({ ...VALID, maxPriceImpactBps: 0 }), 400],
  ['slippage as text', JSON.stringify({ ...VALID, slippageBps: '100' }), 400],
  ['both amounts', JSON.stringify({ ...VALID, amountOut: '1' }), 400],
  ['exactOut without amountOut', JSON.stringify({ ...VALID, swapMode: 'exactOut' }), 400],
  ['maxAmountIn for exactIn', JSON.stringify({ ...VALID, maxAmountIn: '2' }), 400],
  ['an unknown swapMode', JSON.stringify({ ...VALID, swapMode: 'someIn' }), 400],
  [
    'partialFill without amountIn',
    JSON.stringify({ ...VALID, amountIn: undefined, amountOut: '1', swapMode: 'partialFill' }),
    400,
  ],
  [
    'maxAmountIn for partialFill',
    JSON.stringify({ ...VALID, swapMode: 'partialFill', maxAmountIn: '2' }),
    400,
  ],
  ['minAmountOut zero', JSON.stringify({ ...VALID, minAmountOut: '0' }), 422],
  ['minAmountOut with too many decimals', JSON.stringify({ ...VALID, minAmountOut: '1.0000001' }), 422],
];

describe('bad input', () => {
  test.each(BAD_BODIES)(
    'is refused with a code and a hint, and nothing is stored: %s',
    async (_name, body, status) => {
      const response = await send(body);
      await expectProblem(response, status === 0 ? [400, 422] : [status]);
      expect(await world.engine.orders.list({ accountId: ACCOUNT, limit: 10 })).toEqual([]);
    },
  );

  test('is refused for another media type', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'nonsense',
    ])
      await expectProblem(await send(JSON.stringify(VALID), { 'content-type': type }), [415]);
  });

  test.each(['', ' ', 'a\tb', 'x'.repeat(256)])('refuses the Idempotency-Key %j', async (key) => {
    const response = await send(JSON.stringify(VALID), { 'idempotency-key': key });
    await expectProblem(response, [400]);
  });

  test.each([
    ['/api/orders/1', 400],
    ['/api/orders/not-a-uuid', 400],
    ['/api/orders/%00', 400],
    ['/api/orders/01a1fc22-e037-7000-9a9f-8530623254b1', 404],
    ['/api/orders/01a1fc22-e037-7000-9a9f-8530623254b1/events', 404],
    [`/api/orders/${'x'.repeat(300)}`, 404],
    ['/api/orders?limit=0', 400],
    ['/api/orders?limit=201', 400],
    ['/api/orders?limit=ten', 400],
    ['/api/orders?limit=1&limit=2', 400],
    ['/api/orders?cursor=nonsense', 400],
    [`/api/orders?cursor=${Buffer.from("o1:' OR 1=1").toString('base64url')}`, 400],
    ['/api/orders?status=done', 400],
    ['/api/orders?tokenIn=DOGE', 422],
    ['/api/orders?color=red', 400],
    ['/api/quotes', 400],
    ['/api/quotes?tokenIn=SOL&tokenOut=USDC', 400],
    ['/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1&amountOut=1', 400],
    ['/api/quotes?tokenIn=SOL&tokenOut=USDC&amountOut=1&swapMode=partialFill', 400],
    ['/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1&swapMode=exactOut', 400],
    ['/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1&swapMode=other', 400],
    ['/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=-1', 422],
    ['/api/quotes?tokenIn=SOL&tokenOut=SOL&amountIn=1', 422],
    ['/api/quotes?tokenIn=SOL&tokenOut=BONK&amountIn=1', 422],
    ['/api/prices', 400],
    ['/api/prices?tokenIn=SOL', 400],
    ['/api/prices?pairs=SOL/USDC&tokenIn=SOL', 400],
    ['/api/prices?pairs=', 400],
    ['/api/prices?pairs=SOL-USDC', 400],
    ['/api/prices?pairs=SOL/USDC/BONK', 400],
    ['/api/prices?pairs=SOL/USDC,', 400],
    [`/api/prices?pairs=${Array(21).fill('SOL/USDC')}`, 400],
    ['/api/prices?tokenIn=SOL&tokenOut=DOGE', 422],
    ['/api/prices?pairs=SOL/USDC,USDC/USDC', 422],
    ['/api/prices?pairs=SOL/USDC,SOL/BONK', 422],
    ['/nowhere', 404],
    ['/%E0%A4%A', 404],
  ])('answers GET %s with a problem', async (path, status) => {
    await expectProblem(await get(path), [status]);
  });
});

describe('submission', () => {
  test("takes slippage chosen by the engine, and the order's ceiling for the price impact", async () => {
    const own = { ...VALID, slippageBps: 'auto', maxPriceImpactBps: 50 };
    expect(await (await post(own)).json()).toMatchObject({ slippageBps: 'auto', maxPriceImpactBps: 50 });
    expect(await (await post(VALID)).json()).toMatchObject({ slippageBps: 100, maxPriceImpactBps: null });
    const wrong = await post({ ...VALID, slippageBps: 'automatic' });
    expect(await wrong.json()).toMatchObject({
      status: 400,
      field: 'slippageBps',
      hint: expect.stringContaining('auto'),
    });
  });

  test('answers 201 with the pending order and its address', async () => {
    const response = await post(VALID);
    expect(response.status).toBe(201);
    const order = (await response.json()) as { orderId: string };
    expect(order).toMatchObject({
      status: 'pending',
      amountIn: '1',
      amountOut: null,
      sequence: 1,
      failure: null,
    });
    expect(response.headers.get('location')).toBe(`/api/orders/${order.orderId}`);
  });

  test.each([0.01, 12.5, 1, 100])('takes the JSON number %d', async (amountIn) => {
    const response = await post({ ...VALID, amountIn });
    expect(await response.json()).toMatchObject({ amountIn: String(amountIn) });
  });

  const sent = (amountIn: string, more = '') =>
    send(`{"type":"market","tokenIn":"SOL","amountIn":${amountIn},"tokenOut":"USDC"${more}}`);

  test.each([
    ['0.00000001', '0.00000001'],
    ['0.000000001', '0.000000001'],
    ['1.0', '1'],
    ['1.500000000000000000', '1.5'],
    ['18000000.1234567', '18000000.1234567'],
    ['1,"amountIn":2', '2'],
    ['1,"\\u0061mountIn":0.10', '0.1'],
  ])('reads the number %s as it was sent', async (number, amountIn) => {
    expect(await (await sent(number)).json()).toMatchObject({ amountIn });
  });

  test.each([
    ['18000000000.000001899', 'invalid_amount'],
    ['1234567890.1234567', 'invalid_amount'],
    ['1e0', 'invalid_amount'],
    ['1E-9', 'invalid_amount'],
    ['-0', 'invalid_amount'],
    ['0.0000000001', 'too_many_decimals'],
    ['0.0', 'amount_out_of_range'],
    ['1e400', 'invalid_request'],
  ])('refuses the number %s', async (number, code) => {
    const problem = await expectProblem(await sent(number), [422, 400]);
    expect(problem).toMatchObject({ code, field: 'amountIn' });
    if (code === 'invalid_amount') expect(problem).toMatchObject({ hint: expect.stringContaining('string') });
    expect((await sent('1', `,"minAmountOut":${number}`)).status).not.toBe(201);
  });

  test('binds the Idempotency-Key of a submission that was found by its clientOrderId', async () => {
    const body = { ...VALID, clientOrderId: 'mine' };
    const { orderId } = (await (await post(body)).json()) as { orderId: string };
    const again = await post(body, { 'idempotency-key': 'late' });
    expect([again.status, ((await again.json()) as { orderId: string }).orderId]).toEqual([200, orderId]);
    await expectProblem(await post({ ...VALID, amountIn: '2' }, { 'idempotency-key': 'late' }), [422]);
    const { data } = (await (await get('/api/orders')).json()) as { data: unknown[] };
    expect(data).toHaveLength(1);
  });

  test.each(['Abcd…wxyz', 'DOGE'])('and a quote know the same tokens: %s', async (token) => {
    const order = await expectProblem(await post({ ...VALID, tokenIn: token }), [422]);
    const query = new URLSearchParams({ tokenIn: token, tokenOut: 'USDC', amountIn: '1' });
    const quote = await expectProblem(await get(`/api/quotes?${query}`), [422]);
    expect([order.code, quote.code]).toEqual(['unknown_token', 'unknown_token']);
  });

  test('gives the same order for the same clientOrderId and body, and refuses another body', async () => {
    const first = await (await post({ ...VALID, clientOrderId: 'mine' })).json();
    const again = await post({ ...VALID, amountIn: 1, clientOrderId: 'mine' });
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(((await again.json()) as { orderId: string }).orderId).toBe(
      (first as { orderId: string }).orderId,
    );
    await expectProblem(await post({ ...VALID, amountIn: '2', clientOrderId: 'mine' }), [409]);
  });

  test('gives the same order for the same Idempotency-Key, and refuses another body', async () => {
    const key = { 'idempotency-key': 'k1' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(VALID, key)));
    const ids = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { orderId: string }).orderId),
    );
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    await expectProblem(await post({ ...VALID, amountIn: '2' }, key), [422]);
  });

  test('with a failure on demand is refused where the chain has none', async () => {
    const response = await post({ ...VALID, simulate: { scenario: 'drop', seed: '1' } });
    expect(await expectProblem(response, [422])).toMatchObject({ code: 'scenarios_unavailable' });
    const { data } = (await (await get('/api/orders')).json()) as { data: unknown[] };
    expect(data).toEqual([]);
  });

  test("waits for the order's end on request", async () => {
    const answer = post(VALID, { prefer: 'wait=10' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await world.slots(5);
    const response = await answer;
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ status: 'confirmed', executedPrice: expect.any(String) });
  });
});

describe('streams', () => {
  async function submitted(): Promise<string> {
    return ((await (await post(VALID)).json()) as { orderId: string }).orderId;
  }

  test('give an early, a late and a reconnecting socket the identical events, and close 1000', async () => {
    const orderId = await submitted();
    const path = `/api/orders/${orderId}/stream`;
    const early = frames(path);
    const first = await frames(path, 2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await world.slots(40);
    const rest = await frames(`${path}?after=${first.events.length}`);
    const late = await frames(path);
    const { events, code } = await early;
    expect(code).toBe(1000);
    expect(events.map(({ type }) => type.slice(6))).toEqual([
      'pending',
      'routing',
      'building',
      'submitted',
      'confirmed',
    ]);
    expect(late).toEqual({ events, code: 1000 });
    expect([...first.events, ...rest.events]).toEqual(events);
    const log = (await (await get(`/api/orders/${orderId}/events`)).json()) as { data: Frame[] };
    expect(log.data.slice(0, events.length)).toEqual(events);
  });

  test('close 1000 at once for a client that has seen the last event', async () => {
    const orderId = await submitted();
    await world.slots(5);
    expect(await frames(`/api/orders/${orderId}/stream?after=5`)).toEqual({ events: [], code: 1000 });
  });

  test.each([
    ['/api/orders/01a1fc22-e037-7000-9a9f-8530623254b1/stream', 4404],
    ['/api/orders/nonsense/stream', 4400],
    ['/api/orders/01a1fc22-e037-7000-9a9f-8530623254b1/stream?after=-1', 4400],
  ])('accept and then close %s with %i', async (path, code) => {
    expect((await frames(path)).code).toBe(code);
  });

  test('go out as server-sent events too, resumed by Last-Event-ID', async () => {
    const orderId = await submitted();
    await world.slots(5);
    const response = await get(`/api/orders/${orderId}/events`, {
      accept: 'text/event-stream',
      'last-event-id': '3',
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect([...(await response.text()).matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)).toEqual(['4', '5']);
  });

  test('refuse a Last-Event-ID that is no sequence by its own name', async () => {
    const orderId = await submitted();
    const path = `/api/orders/${orderId}/events`;
    const response = await get(path, { accept: 'text/event-stream', 'last-event-id': 'x' });
    expect(await response.json()).toMatchObject({
      code: 'invalid_request',
      field: 'Last-Event-ID',
      detail: 'Last-Event-ID is not the id of an event.',
    });
    expect(await (await get(`${path}?after=x`)).json()).toMatchObject({ field: 'after' });
  });

  test('tell a browser that resumes at the end not to reconnect, whatever its `after` says', async () => {
    const orderId = await submitted();
    await world.slots(5);
    const resume = (sequence: number) =>
      get(`/api/orders/${orderId}/events?after=0`, {
        accept: 'text/event-stream',
        'last-event-id': String(sequence),
      });
    expect(await (await resume(4)).text()).toMatch(/^id: 5$/m);
    expect(await (await resume(4)).text()).not.toMatch(/^id: 4$/m);
    expect((await resume(5)).status).toBe(204);
    await world.slots(40);
    expect((await world.engine.orders.get(toOrderId(orderId)))?.sequence).toBe(6); // Finalized.
    for (const sequence of [5, 6]) expect((await resume(sequence)).status).toBe(204);
    expect((await get(`/api/orders/${orderId}/events?after=5`)).status).toBe(200);
  });
});

describe('cancel', () => {
  const cancel = (orderId: string, init: RequestInit = {}) =>
    fetch(`${url}/api/orders/${orderId}`, { method: 'DELETE', ...init });
  const submit = async (body: object = VALID): Promise<string> =>
    ((await (await post(body)).json()) as { orderId: string }).orderId;

  test('answers 200 with the canceled order when nothing is in flight, on every request', async () => {
    await world.stop();
    const orderId = await submit();
    for (let times = 0; times < 3; times += 1) {
      const response = await cancel(orderId, { headers: { 'content-type': 'application/json' } });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        orderId,
        status: 'canceled',
        sequence: 2,
        failure: null,
      });
    }
    const { events, code } = await frames(`/api/orders/${orderId}/stream`);
    expect(events.map(({ type }) => type)).toEqual(['order.pending', 'order.canceled']);
    expect(code).toBe(1000);
  });

  test("answers 202 while a transaction is in flight; the stream ends with the chain's decision", async () => {
    world.losesSends();
    const orderId = await submit();
    const early = frames(`/api/orders/${orderId}/stream`);
    await world.slots(1);
    for (let times = 0; times < 2; times += 1) {
      const response = await cancel(orderId);
      expect(response.status).toBe(202);
      expect(await response.json()).toMatchObject({ status: 'submitted', cancelRequested: true });
    }
    await world.slots(300);
    const { events, code } = await early;
    expect(events.map(({ type }) => type).slice(-2)).toEqual(['order.cancel_requested', 'order.canceled']);
    expect(code).toBe(1000);
    expect((await cancel(orderId)).status).toBe(200);
  });

  test('is refused with 409 for an order that ended otherwise', async () => {
    const orderId = await submit();
    await world.slots(5);
    const problem = await expectProblem(await cancel(orderId), [409]);
    expect(problem).toMatchObject({ code: 'order_is_over', detail: expect.stringContaining('confirmed') });
  });

  test.each([
    ['not-a-uuid', 400],
    ['%00', 400],
    ['01A1FC22-E037-7000-9A9F-8530623254B1', 400],
    ['01a1fc22-e037-7000-9a9f-8530623254b1', 404],
    ['x'.repeat(300), 404],
    ['', 400],
  ])('of %j is answered with a problem', async (orderId, status) => {
    await expectProblem(await cancel(orderId), [status]);
  });

  test('refuses a body that is not JSON, and cancels nothing', async () => {
    await world.stop();
    const orderId = await submit();
    const json = { 'content-type': 'application/json' };
    await expectProblem(await cancel(orderId, { body: '{', headers: json }), [400]);
    await expectProblem(await cancel(orderId, { body: 'x', headers: { 'content-type': 'text/csv' } }), [415]);
    expect(await (await get(`/api/orders/${orderId}`)).json()).toMatchObject({ status: 'pending' });
  });
});

describe('reads', () => {
  test('page through orders with a cursor', async () => {
    for (let index = 0; index < 5; index += 1) await post(VALID);
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const response = await get(`/api/orders?limit=2${cursor && `&cursor=${cursor}`}`);
      const page = (await response.json()) as { data: { orderId: string }[]; nextCursor: string | null };
      ids.push(...page.data.map(({ orderId }) => orderId));
      cursor = page.nextCursor;
    }
    expect(ids).toHaveLength(5);
    expect(ids).toEqual([...ids].sort().reverse());
  });

  test('compare the venues of a quote', async () => {
    const quote = await (await get('/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1')).json();
    expect(quote).toMatchObject({
      venue: 'meteora',
      amountIn: '1',
      quotes: [
        { venue: 'raydium', outcome: 'lost' },
        { venue: 'meteora', outcome: 'chosen' },
      ],
    });
  });

  test('show the price of a pair, or of several in their order', async () => {
    const names = { tokenIn: 'SOL', tokenOut: 'USDC', mintIn: SOL.mint, mintOut: USDC.mint };
    const rates = { mid: '150.000300601', buy: '150.300601202', sell: '149.7' };
    const sol = { ...names, ...rates, slot: expect.any(Number), ageMs: 0 };
    const one = await get(`/api/prices?tokenIn=sol&tokenOut=${USDC.mint}`);
    expect([one.status, await one.json()]).toEqual([200, { data: [sol] }]);
    const several = await get(`/api/prices?pairs=USDC/SOL,${SOL.mint}/USDC`);
    expect(await several.json()).toMatchObject({
      data: [{ tokenIn: 'USDC', sell: '0.00665333333333' }, sol],
    });
    for (const pool of POOLS) world.poolHolds(pool, USDC, 0n);
    const drained = await (await get('/api/prices?pairs=SOL/USDC')).json();
    expect(drained).toMatchObject({ data: [{ mid: null, buy: null, sell: null }] });
  });

  test.each(['fail', 'hold'] as const)(
    'give no price of pools that cannot be read: %s, and wait half as long as for a quote',
    async (fault) => {
      await get('/api/prices?pairs=SOL/USDC');
      for (const venue of ['raydium', 'meteora']) world.hooks.venue(venue)[fault]('market');
      const asked = get('/api/prices?pairs=SOL/USDC');
      const beats = setInterval(() => void world.clock.advance(10), 5);
      const askedAt = world.clock.now();
      const answer = await asked;
      clearInterval(beats);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await answer.json()).toMatchObject({ code: 'chain_unavailable', retryable: true });
      expect(world.clock.now() - askedAt).toBeLessThan(1_000);
    },
  );

  test('give no price that is older than a quote may be', async () => {
    const { slots } = world.engine.market.time;
    slots.judge([world.chain.slot() + 21n], world.clock.moment());
    const answer = await get('/api/prices?tokenIn=SOL&tokenOut=USDC');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ detail: 'The pools of SOL and USDC cannot be read now.' });
  });

  test('list tokens, pools and the wallet', async () => {
    expect(await (await get('/api/tokens')).json()).toMatchObject({ data: [{ symbol: 'SOL' }, {}, {}] });
    expect(((await (await get('/api/pools')).json()) as { data: unknown[] }).data).toHaveLength(2);
    expect(await (await get('/api/venues')).json()).toMatchObject({
      data: [
        { venue: 'raydium', pools: 1, state: 'well', failures: 0, sidelinedUntil: null, lastFailure: null },
        { venue: 'meteora', state: 'well' },
      ],
    });
    expect(await (await get('/api/wallets')).json()).toMatchObject({ data: [{ address: 'wallet' }] });
    expect(await (await get('/health')).json()).toEqual({
      status: 'ok',
      timestamp: expect.any(String),
      chainIdentity: true,
    });
    expect((await get('/readyz')).status).toBe(200);
  });

  test('show a page that escapes what it shows and allows no foreign script', async () => {
    const response = await get('/');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).toContain('curl -s');
  });
});

describe('the guard', () => {
  test.each([{ origin: 'https://evil.example' }, { origin: 'null' }])(
    'refuses a page of a foreign origin: %j',
    async (headers) => {
      await expectProblem(await get('/api/orders', headers), [403]);
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/x/stream`, { headers });
      const [error] = await once(socket, 'error');
      expect(String(error)).toContain('403');
    },
  );

  test('refuses a host name that was rebound to loopback', async () => {
    const response = await app.inject({ url: '/api/orders', headers: { host: 'evil.example' } });
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ code: 'forbidden_host' });
  });

  test('requires the key everywhere except at the health checks, and closes sockets 4401', async () => {
    await listen({ apiKey: 'k'.repeat(32) });
    await expectProblem(await get('/api/orders'), [401]);
    await expectProblem(await get('/api/orders', { authorization: `Bearer ${'x'.repeat(32)}` }), [401]);
    expect((await get('/api/orders', { authorization: `Bearer ${'k'.repeat(32)}` })).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    expect((await frames('/api/orders/01a1fc22-e037-7000-9a9f-8530623254b1/stream')).code).toBe(4401);
  });
});

describe('review', () => {
  const REVIEW = { decision: 'notLanded', operator: 'Ada', evidence: 'Two explorers know nothing.' };
  const FILL = { slot: '101', amountIn: '1', amountOut: '149.5', networkFee: '0.000005' };

  async function inReview(): Promise<string> {
    world.losesSends();
    const { orderId } = (await (await post(VALID)).json()) as { orderId: string };
    await world.clock.advance(0);
    for (let slot = 0; slot < 300; slot += 1) world.chain.produceBlock();
    world.chain.purgeBefore(world.chain.slot());
    await world.slots(5);
    return orderId;
  }

  test("lists the orders that need it, and ends one by an operator's decision", async () => {
    const orderId = await inReview();
    await post(VALID);
    const listed = (await (await get('/api/orders?needsReview=true')).json()) as { data: object[] };
    expect(listed.data).toMatchObject([{ orderId, status: 'submitted', needsReview: true }]);
    const answer = await send(JSON.stringify(REVIEW), {}, `/${orderId}/review`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      status: 'failed',
      needsReview: false,
      failure: { code: 'not_landed', reason: REVIEW.evidence },
    });
    const again = await send(JSON.stringify(REVIEW), {}, `/${orderId}/review`);
    expect(await expectProblem(again, [409])).toMatchObject({ code: 'review_not_possible' });
  });

  test.each([
    ['no decision', { operator: 'Ada', evidence: 'e' }, 400],
    ['no evidence', { ...REVIEW, evidence: '' }, 400],
    ['control characters', { ...REVIEW, operator: 'A\u0000' }, 400],
    ['landed without a fill', { ...REVIEW, decision: 'landed' }, 400],
    ['a fill of what did not land', { ...REVIEW, fill: FILL }, 400],
    ['a signature of what did not land', { ...REVIEW, signature: '5'.repeat(88) }, 400],
    ['no signature in base58', { ...REVIEW, decision: 'landed', fill: FILL, signature: '0' }, 400],
    [
      'another than the open one',
      { ...REVIEW, decision: 'landed', fill: FILL, signature: '5'.repeat(88) },
      409,
    ],
    ['a negative amount', { ...REVIEW, decision: 'landed', fill: { ...FILL, amountIn: '-1' } }, 400],
    ['zero', { ...REVIEW, decision: 'landed', fill: { ...FILL, amountIn: '0' } }, 422],
    ['too many decimals', { ...REVIEW, decision: 'landed', fill: { ...FILL, amountOut: '1.1234567' } }, 422],
  ])('refuses %s', async (_, body, status) => {
    const orderId = await inReview();
    await expectProblem(await send(JSON.stringify(body), {}, `/${orderId}/review`), [status]);
    expect(await (await get(`/api/orders/${orderId}`)).json()).toMatchObject({ needsReview: true });
  });

  test('refuses unknown orders, malformed ids and a filter that is not true', async () => {
    const body = JSON.stringify(REVIEW);
    await expectProblem(await send(body, {}, '/00000000-0000-7000-8000-000000000000/review'), [404]);
    await expectProblem(await send(body, {}, '/nothing/review'), [400]);
    await expectProblem(await get('/api/orders?needsReview=no'), [400]);
  });
});
