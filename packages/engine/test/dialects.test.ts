import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { converse, type Update } from '../../../test/support/socket-client.ts';
import { ACCOUNT } from '../src/api/account.ts';
import { toOrderId } from '../src/domain/order.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { serveTestApp, TEST_DEADLINES } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

const HOLD_MS = 300_000;
const FROM_TOKEN = { fromToken: 'SOL', toToken: 'USDC', amount: 1 };
const INPUT_TOKEN = { type: 'MARKET', side: 'sell', inputToken: 'SOL', outputToken: 'USDC', amount: 1 };
const TOKEN_IN = { token_in: 'SOL', token_out: 'USDC', amount: 1, order_type: 'market', max_slippage: 0.05 };
const { max_slippage: _, ...TOKEN_IN_ALONE } = TOKEN_IN;
const AMOUNT_IN = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1', slippageTolerance: 0.5 };
const MIXED = { tokenIn: 'SOL', tokenOut: 'USDC', amount: 1 };

let world: TestWorld;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  world = await createWorld();
  await world.start();
  ({ app, url } = await serveTestApp(world.engine, { streamHoldMs: HOLD_MS }));
});
afterEach(async () => {
  await app.close();
  await world.stop();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function execute(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${url}/api/orders/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const listen = (path: string, options?: Parameters<typeof converse>[1]) =>
  converse(url.replace('http', 'ws') + path, options);
const stored = () => world.engine.orders.list({ accountId: ACCOUNT, limit: 10 });

/** Lets the engine run until the socket is closed. */
async function whileRunning<T>(listening: Promise<T>): Promise<T> {
  let isOver = false;
  const done = listening.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await world.slots(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return done;
}

describe('a submission', () => {
  test.each([
    [{ ...TOKEN_IN, max_slippage: 0.05 }, 500],
    [{ ...TOKEN_IN, max_slippage: 0.01 }, 100],
    [{ ...TOKEN_IN, max_slippage: 0.5 }, 5_000],
    [{ ...TOKEN_IN, max_slippage: 0.02 + 0.4071328402 * 0.03 }, 322], // 0.032213985206: cut off, never widened.
    [TOKEN_IN_ALONE, 500],
    [{ ...AMOUNT_IN, slippageTolerance: 0.5 }, 50],
    [{ ...AMOUNT_IN, slippageTolerance: '0.5' }, 50],
    [{ ...AMOUNT_IN, slippageTolerance: 0.019 }, 1],
    [{ ...AMOUNT_IN, slippageTolerance: 100 }, 10_000],
    [FROM_TOKEN, 100],
    [INPUT_TOKEN, 100],
    [MIXED, 100],
  ])('%j tolerates %i basis points', async (body, slippageBps) => {
    await execute(body);
    expect((await stored()).map(({ request }) => request.slippageBps)).toEqual([slippageBps]);
  });

  test.each(['market', 'MARKET', 'Market'])('takes the order type %s', async (orderType) => {
    expect((await execute({ ...FROM_TOKEN, orderType })).status).toBe(200);
  });

  test.each([
    ['0.30000000000000004', 300_000_000n],
    ['1.2345678909', 1_234_567_890n],
    ['0.00000001', 10n],
    ['18000000.000001899', 18_000_000_000_001_899n],
    ['13.479876543210123', 13_479_876_543n],
    ['1.9999999999999998', 1_999_999_999n],
    ['1e-7', 100n],
    ['1.23456789099E-1', 123_456_789n],
    ['0.25E1', 2_500_000_000n],
    ['2e0', 2_000_000_000n],
    ['1e3', 1_000_000_000_000n],
  ])('cuts the number %s to the decimals of its token', async (number, units) => {
    await execute(`{"fromToken":"SOL","toToken":"USDC","amount":${number}}`);
    expect((await stored()).map(({ request }) => request.amount)).toEqual([units]);
  });

  test('rounds a floor that is a number up', async () => {
    await execute({ ...AMOUNT_IN, minAmountOut: 99.0000001 });
    expect((await stored())[0]?.request.minAmountOut).toBe(99_000_001n);
  });

  test.each(['buy', 'sell', 'BUY'])('spends its amount of the input token with side %s', async (side) => {
    await execute({ ...INPUT_TOKEN, side });
    expect((await stored())[0]?.request).toMatchObject({ swapMode: 'exactIn', amount: 1_000_000_000n });
  });

  test.each(['', '0', '0.00', 0])('has no floor where a form sends minAmountOut %j', async (minAmountOut) => {
    expect((await execute({ ...AMOUNT_IN, minAmountOut })).status).toBe(201);
    expect((await stored()).map(({ request }) => request.minAmountOut)).toEqual([null]);
  });

  test('keeps to its own floor', async () => {
    await execute({ ...AMOUNT_IN, minAmountOut: '99' });
    expect((await stored())[0]?.request.minAmountOut).toBe(99_000_000n);
  });

  test.each([FROM_TOKEN, INPUT_TOKEN, TOKEN_IN, AMOUNT_IN, MIXED])(
    'is the same order under the same Idempotency-Key: %j',
    async (body) => {
      await world.stop(); // The answer has the order's status, which stays what it is.
      const key = { 'idempotency-key': 'k1' };
      const first = await execute(body, key);
      const again = await execute(body, key);
      expect(again.body).toEqual(first.body);
      expect(await stored()).toHaveLength(1);
      const other = await execute(
        { ...body, ...('amountIn' in body ? { amountIn: '2' } : { amount: 2 }) },
        key,
      );
      expect(other).toMatchObject({ body: { code: 'idempotency_key_reused' } });
      expect(await stored()).toHaveLength(1);
    },
  );

  test('without a key is a new order every time', async () => {
    await Promise.all([execute(MIXED), execute(MIXED), execute(MIXED)]);
    expect(await stored()).toHaveLength(3);
  });

  test('names a TLS socket behind a trusted TLS proxy only, and ignores other X-Forwarded-Proto headers', async () => {
    const proto = { 'x-forwarded-proto': 'https' };
    expect((await execute(INPUT_TOKEN, proto)).body.wsUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\//);
    await app.close();
    const connections = { total: 100, perAddress: 100, trustedProxies: ['127.0.0.1'] };
    ({ app, url } = await serveTestApp(world.engine, { streamHoldMs: HOLD_MS, connections }));
    const { body } = await execute(INPUT_TOKEN, proto);
    expect(body.wsUrl).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/api\/orders\/ws\//);
  });
});

describe('a bad submission', () => {
  test.each<[string, unknown, number, object]>([
    ['null', 'null', 400, { code: 'invalid_request' }],
    ['nothing', '', 400, { code: 'invalid_json' }],
    ['broken JSON', '{"fromToken"', 400, { code: 'invalid_json' }],
    ['an array', '[]', 400, { code: 'invalid_request' }],
    ['an empty object', '{}', 400, { code: 'invalid_request' }],
    ['NUL in a token', { ...FROM_TOKEN, fromToken: 'SOL\u0000' }, 400, { field: 'fromToken' }],
    ['the same token', { ...FROM_TOKEN, toToken: 'SOL' }, 422, { code: 'same_token', field: 'toToken' }],
    [
      'an unknown token',
      { ...TOKEN_IN, token_in: 'DOGE' },
      422,
      { code: 'unknown_token', field: 'token_in' },
    ],
    ['no amount', { fromToken: 'SOL', toToken: 'USDC' }, 400, { field: 'amount' }],
    ['no token', { inputToken: 'SOL', amount: 1 }, 400, { field: 'outputToken' }],
    ['a negative amount', { ...FROM_TOKEN, amount: -1 }, 400, { field: 'amount' }],
    ['zero', { ...TOKEN_IN, amount: 0 }, 400, { code: 'amount_out_of_range', error: 'Invalid amount' }],
    ['nothing at all', { ...INPUT_TOKEN, amount: 0 }, 400, { error: 'Invalid amount', field: 'amount' }],
    ['less than zero', { ...INPUT_TOKEN, amount: -10 }, 400, { error: 'Invalid amount', field: 'amount' }],
    ['-1e-7', { ...INPUT_TOKEN, amount: -1e-7 }, 400, { error: 'Invalid amount', field: 'amount' }],
    ['12abc', { ...FROM_TOKEN, amount: '12abc' }, 400, { field: 'amount' }],
    ['1e308', { ...FROM_TOKEN, amount: 1e308 }, 400, { code: 'invalid_amount', field: 'amount' }],
    ['1e309', '{"fromToken":"SOL","toToken":"USDC","amount":1e309}', 400, { error: 'Invalid amount' }],
    ['1e-400', '{"fromToken":"SOL","toToken":"USDC","amount":1e-400}', 400, { code: 'amount_out_of_range' }],
    ['minus zero', '{"fromToken":"SOL","toToken":"USDC","amount":-0}', 400, { error: 'Invalid amount' }],
    ['an exponent in a string', { ...FROM_TOKEN, amount: '1e0' }, 400, { field: 'amount' }],
    ['less than a unit', { ...FROM_TOKEN, amount: 0.0000000001 }, 400, { field: 'amount' }],
    ['too many decimals', { ...FROM_TOKEN, amount: '0.0000000001' }, 400, { code: 'too_many_decimals' }],
    ['a limit order without a price', { ...FROM_TOKEN, orderType: 'limit' }, 400, { field: 'limitPrice' }],
    ['the same of token_in', { ...TOKEN_IN, order_type: 'limit' }, 400, { field: 'limit_price' }],
    ['a price of a market order', { ...INPUT_TOKEN, limitPrice: 5 }, 400, { field: 'limitPrice' }],
    ['a sniper order', { ...INPUT_TOKEN, type: 'SNIPER' }, 400, { field: 'type' }],
    ['a stop by its type', { ...FROM_TOKEN, orderType: 'stop' }, 400, { field: 'orderType' }],
    ['a price of zero', { ...INPUT_TOKEN, type: 'LIMIT', limitPrice: 0 }, 422, { code: 'invalid_price' }],
    [
      'a bad limit_price',
      { ...TOKEN_IN, order_type: 'limit', limit_price: 0 },
      422,
      { field: 'limit_price' },
    ],
    ['a negative price', { ...INPUT_TOKEN, type: 'LIMIT', limitPrice: -1 }, 400, { field: 'limitPrice' }],
    [
      'a floor beside a limit',
      { ...AMOUNT_IN, limitPrice: '9', minAmountOut: '9' },
      400,
      { field: 'minAmountOut' },
    ],
    [
      'a volume',
      { ...AMOUNT_IN, triggerCondition: 'volume_spike', triggerValue: '9' },
      400,
      { field: 'triggerCondition' },
    ],
    ['a condition alone', { ...AMOUNT_IN, triggerCondition: 'price_above' }, 400, { field: 'triggerValue' }],
    ['a value alone', { ...AMOUNT_IN, triggerValue: '9' }, 400, { field: 'triggerCondition' }],
    [
      'a limit and a condition',
      { ...AMOUNT_IN, limitPrice: '9', triggerCondition: 'price_above', triggerValue: '9' },
      400,
      { field: 'limitPrice' },
    ],
    [
      'a condition at zero',
      { ...AMOUNT_IN, triggerCondition: 'price_below', triggerValue: '0' },
      400,
      { field: 'triggerValue' },
    ],
    ['a side of neither kind', { ...INPUT_TOKEN, side: 'hold' }, 400, { field: 'side' }],
    ['two names of one meaning', { ...MIXED, fromToken: 'SOL' }, 400, { field: 'fromToken' }],
    ['an unknown field', { ...FROM_TOKEN, leverage: 5 }, 400, { field: 'leverage' }],
    ['slippage over half', { ...TOKEN_IN, max_slippage: 0.6 }, 400, { field: 'max_slippage' }],
    ['slippage just over half', { ...TOKEN_IN, max_slippage: 0.5000001 }, 400, { field: 'max_slippage' }],
    ['slippage under 1 %', { ...TOKEN_IN, max_slippage: 0.005 }, 400, { field: 'max_slippage' }],
    ['slippage just under 1 %', { ...TOKEN_IN, max_slippage: 0.0099999 }, 400, { field: 'max_slippage' }],
    [
      'slippage of minus zero',
      JSON.stringify(TOKEN_IN).replace('0.05', '-0'),
      400,
      { field: 'max_slippage' },
    ],
    ['no slippage', { ...TOKEN_IN, max_slippage: 0 }, 400, { field: 'max_slippage' }],
    [
      'slippage under a basis point',
      { ...AMOUNT_IN, slippageTolerance: 1e-7 },
      400,
      { field: 'slippageTolerance' },
    ],
    ['slippage over all', { ...AMOUNT_IN, slippageTolerance: 100.001 }, 400, { field: 'slippageTolerance' }],
    ['slippage with an exponent', { ...TOKEN_IN, max_slippage: 1e-7 }, 400, { field: 'max_slippage' }],
    ['negative slippage', { ...TOKEN_IN, max_slippage: -0.05 }, 400, { field: 'max_slippage' }],
    ['two slippages', { ...AMOUNT_IN, max_slippage: 0.05 }, 400, { field: 'max_slippage' }],
    [
      'an unknown token in amountIn',
      { ...AMOUNT_IN, tokenOut: 'DOGE' },
      400,
      { code: 'unknown_token', status: 400 },
    ],
  ])('is refused with a code and a hint, and nothing is stored: %s', async (_name, body, status, problem) => {
    const answer = await execute(body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(answer.body).toMatchObject({
      ...problem,
      success: false,
      error: expect.stringMatching(/\S/),
      details: [{ path: expect.any(Array), message: expect.stringMatching(/\S/) }],
      hint: expect.stringMatching(/\S/),
    });
    expect(await stored()).toEqual([]);
  });

  test('is reported in the dialect of the client', async () => {
    const { body } = await execute({ ...TOKEN_IN, amount: '0.0000000001' });
    expect(body.details).toEqual([{ path: ['amount'], message: 'amount has more decimals than the token.' }]);
    expect((await execute({ ...INPUT_TOKEN, outputToken: 'sol' })).body.details).toEqual([
      { path: ['outputToken'], message: 'inputToken and outputToken are the same token.' },
    ]);
  });
});

describe('a stream', () => {
  /** An order whose floor no venue meets: it fails after its third try. */
  async function failing(): Promise<string> {
    const { body } = await execute({ ...MIXED, minAmountOut: '99999' });
    return String(body.orderId);
  }
  const statusesOf = (updates: readonly Update[]) => updates.map(({ status }) => status);

  test('of fromToken shows retrying before each further attempt, and failed only at the end', async () => {
    const { updates, code } = await whileRunning(listen(`/ws?orderId=${await failing()}`));
    expect(statusesOf(updates)).toEqual(['pending', 'routing', 'retrying', 'retrying', 'failed']);
    expect(updates[2]).toMatchObject({
      attempt: 1,
      error: expect.stringContaining('minimum 99999'),
      nextAttemptInMs: expect.any(Number),
    });
    expect(updates.at(-1)).toMatchObject({ attempt: 3, error: expect.stringContaining('minimum 99999') });
    expect(code).toBe(1000);
  });

  test.each<[string, (orderId: string) => Promise<{ updates: Update[] }>]>([
    ['mixed', (orderId) => listen(`/api/orders/execute?orderId=${orderId}`)],
    ['inputToken', (orderId) => listen(`/api/orders/ws/${orderId}`)],
    ['token_in', (orderId) => listen('/api/orders/status', { says: [orderId] })],
  ])('of %s shows routing again with its attempt, and failed only at the end', async (_name, open) => {
    const { updates } = await whileRunning(open(await failing()));
    const told = updates.filter(({ status }) => status !== 'connected');
    expect(statusesOf(told)).toEqual(['pending', 'routing', 'routing', 'routing', 'failed']);
    expect(told.map(({ attempt }) => attempt)).toEqual([undefined, undefined, 2, 3, undefined]);
    const { error, reason } = told.at(-1) as Update;
    expect(error ?? reason).toContain('minimum 99999');
  });

  test('of amountIn has the reason in errorReason', async () => {
    const { body } = await execute({ ...AMOUNT_IN, minAmountOut: '99999' });
    const { updates } = await whileRunning(listen(`/api/orders/${body.orderId}/stream?after=0`));
    expect(updates.at(-1)).toMatchObject({
      type: 'order.failed',
      status: 'failed',
      errorReason: expect.stringContaining('minimum 99999'),
    });
  });

  test('omits the venue and the transaction of an earlier attempt', async () => {
    world.losesSends();
    const { body } = await execute({ ...MIXED, type: 'market' });
    const orderId = String(body.orderId);
    const listening = listen('/api/orders/status', { says: [orderId] });
    await world.slots(1);
    world.takesSends();
    const { updates } = await whileRunning(listening);
    const hashes = updates.map(({ status, tx_hash }) => [status, typeof tx_hash]);
    expect(hashes).toContainEqual(['routing', 'object']);
    for (const [status, kind] of hashes)
      expect([status, kind]).toEqual([
        status,
        ['submitted', 'confirmed'].includes(String(status)) ? 'string' : 'object',
      ]);
  });

  test('of token_in gives the price move and the allowed move, and no program error', async () => {
    const { body } = await execute({ ...TOKEN_IN, max_slippage: 0.01 });
    const listening = listen('/api/orders/status', { says: [String(body.order_id)] });
    const statusNow = async () => (await world.engine.orders.get(toOrderId(String(body.order_id))))?.status;
    await vi.waitFor(async () => expect(await statusNow()).toBe('submitted'));
    world.priceFalls('3 %'); // While the transaction is in flight: it reverts, and every later quote is below its limit.
    const { updates } = await whileRunning(listening);
    const reasons = updates.flatMap(({ reason }) => (reason ? [reason] : []));
    expect(reasons[0]).toBe('Price moved more than 1.00% (max allowed: 1.00%)');
    expect(updates.at(-1)).toMatchObject({ status: 'failed' });
    expect(reasons.at(-1)).toMatch(/^Price moved 3\.\d\d% \(max allowed: 1\.00%\)$/);
    expect(JSON.stringify(updates)).not.toMatch(/Custom|0x17|error \d/);
  });

  test('shows a canceled order as failed, with the reason', async () => {
    await world.stop();
    const { body } = await execute(INPUT_TOKEN);
    await cancelOrder(world.engine, toOrderId(String(body.orderId)));
    const { updates } = await listen(String(body.wsUrl).slice(url.length - 2));
    expect(statusesOf(updates)).toEqual(['pending', 'failed']);
    expect(updates[1]?.error).toMatch(/^Canceled: /);
  });

  test('shows that no stream connected in time', async () => {
    const { body } = await execute(FROM_TOKEN);
    await world.slots(HOLD_MS / 400 + 20);
    const { updates } = await listen(`/ws?orderId=${body.orderId}`);
    expect(statusesOf(updates)).toEqual(['pending', 'failed']);
    expect(updates[1]?.error).toMatch(/^Expired: No stream that starts it was connected within 300 s/);
    const response = await fetch(`${url}/api/orders/${body.orderId}`);
    expect(await response.json()).toMatchObject({ status: 'expired' });
  });

  test.each(['/ws', '/api/orders/execute'])('on %s starts an order that is held for it', async (path) => {
    const { body } = await execute(FROM_TOKEN);
    const { updates } = await whileRunning(listen(`${path}?orderId=${body.orderId}`));
    expect(statusesOf(updates).at(-1)).toBe('confirmed');
  });

  test('is not required to start orders of other mixes', async () => {
    for (const body of [
      { ...MIXED, type: 'market' },
      { inputToken: 'SOL', tokenOut: 'USDC', amount: 1 },
    ]) {
      const { orderId } = (await execute(body)).body;
      await world.slots(20);
      expect((await world.engine.orders.get(toOrderId(String(orderId))))?.status).toBe('confirmed');
    }
  });

  test('of mixed shows each routing with its decision, and without one once no decision can follow', async () => {
    const told = (updates: readonly Update[]) =>
      updates.map(({ status, dex, price }) => [status, typeof dex, typeof price]);
    const { body } = await execute(MIXED);
    const { updates } = await whileRunning(listen(`/api/orders/execute?orderId=${body.orderId}`));
    expect(told(updates)).toEqual([
      ['connected', 'undefined', 'undefined'],
      ['pending', 'undefined', 'undefined'],
      ['routing', 'string', 'number'],
      ['building', 'string', 'undefined'],
      ['submitted', 'string', 'undefined'],
      ['confirmed', 'string', 'undefined'],
    ]);
    const { updates: undecided } = await whileRunning(
      listen(`/api/orders/execute?orderId=${await failing()}`),
    );
    expect(told(undecided).slice(2)).toEqual([
      ...Array(3).fill(['routing', 'undefined', 'undefined']),
      ['failed', 'undefined', 'undefined'],
    ]);
  });

  test('that only watches starts no held order: canonical, of the account, of other dialects, server-sent events', async () => {
    const { body } = await execute(FROM_TOKEN);
    const orderId = String(body.orderId);
    const sockets = [
      listen('/api/stream?after=0', { enough: 6 }), // Its greeting and five events.
      listen(`/api/orders/${orderId}/stream`),
      listen(`/api/orders/${orderId}/stream?after=1`),
      listen(`/api/orders/ws/${orderId}`),
      listen('/api/orders/status', { says: [orderId] }),
      listen('/api/orders/execute', { says: [orderId] }),
    ];
    const headers = { accept: 'text/event-stream' };
    const events = fetch(`${url}/api/orders/${orderId}/events`, { headers });
    await (await events).body?.getReader().read();
    for (let turn = 0; turn < 50; turn += 1) {
      await world.slots(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect((await stored()).map(({ status }) => status)).toEqual(['pending']);
    await whileRunning(listen(`/ws?orderId=${orderId}`));
    for (const { updates } of await Promise.all(sockets))
      expect(updates.map(({ status }) => status)).toContain('confirmed');
  });

  test('takes an id with a line end, as a terminal sends it', async () => {
    const { body } = await execute(TOKEN_IN);
    const { updates } = await whileRunning(listen('/api/orders/status', { says: [`${body.order_id}\n`] }));
    expect(statusesOf(updates).at(-1)).toBe('confirmed');
  });

  test('closes a socket that never names its order', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/status`);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await once(socket, 'open');
      await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { interval: 0 });
      const closed = once(socket, 'close');
      vi.advanceTimersByTime(30_000);
      const [code] = await closed;
      expect(code).toBe(4400);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ['/ws', [{ error: 'orderId is required in ws query' }]],
    ['/ws?orderId=', [{ error: 'orderId is required in ws query' }]],
    ['/ws?orderId=a&orderId=b', [{ error: 'orderId is not a UUID' }]],
    ['/api/orders/execute?orderId=', []],
    ['/api/orders/ws/nonsense', []],
  ])('without a proper id is closed with 4400: %s', async (path, updates) => {
    expect(await listen(path)).toEqual({ updates, code: 4400 });
  });

  test.each(['/ws', '/api/orders/status', '/api/orders/execute', '/api/orders/ws/1', '/api/orders/1/stream'])(
    'is no page: GET %s answers 426',
    async (path) => {
      const response = await fetch(url + path);
      expect(response.status).toBe(426);
      expect(await response.json()).toMatchObject({ code: 'upgrade_required' });
    },
  );
});

describe('the stream of a client that connects again after every close', () => {
  const OVER_MS = 400;
  const deadlines = { ...TEST_DEADLINES, overMs: OVER_MS };
  beforeEach(async () => {
    await app.close();
    ({ app, url } = await serveTestApp(world.engine, { deadlines }));
  });

  test.each(['live', 'late'])(
    'stays open after the end of its order, and later closes 1000: %s',
    async (when) => {
      const { body } = await execute(AMOUNT_IN);
      if (when === 'late') await world.slots(60);
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/${body.orderId}/stream`);
      const heard: Update[] = [];
      let endedAt = 0;
      socket.on('message', (data) => {
        heard.push(JSON.parse(String(data)) as Update);
        if (heard.at(-1)?.status !== 'confirmed') return;
        endedAt = performance.now();
        socket.send('{"type":"ping"}');
      });
      const [code] = await whileRunning(once(socket, 'close'));
      expect(code).toBe(1000);
      expect(performance.now() - endedAt).toBeGreaterThan(OVER_MS * 0.9);
      expect(heard.at(-1)).toMatchObject({ type: 'pong' });
      expect(heard.map(({ status }) => status)).toEqual([
        undefined,
        'pending',
        'routing',
        'building',
        'submitted',
        'confirmed',
        undefined,
      ]);
    },
  );

  test('that resumes, or of an order from another dialect, closes at once', async () => {
    const own = (await execute(AMOUNT_IN)).body.orderId;
    const other = (await execute(TOKEN_IN)).body.order_id;
    await world.slots(60);
    for (const path of [`${own}/stream?after=0`, `${own}/stream?after=5`, `${other}/stream`]) {
      const before = performance.now();
      expect((await listen(`/api/orders/${path}`)).code).toBe(1000);
      expect(performance.now() - before).toBeLessThan(OVER_MS * 0.9);
    }
  });

  test('ends with the process', async () => {
    const { body } = await execute(AMOUNT_IN);
    await world.slots(60);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/${body.orderId}/stream`);
    await once(socket, 'message');
    const closed = once(socket, 'close');
    await app.close();
    expect((await closed)[0]).toBe(1012);
  });
});

describe('a read of an order', () => {
  const read = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  test('shows its request and its failure, alone and in the list', async () => {
    const { body } = await execute({ ...AMOUNT_IN, minAmountOut: '99999' });
    expect(body.order).toMatchObject({ orderId: body.orderId, status: 'pending', errorReason: null });
    await world.slots(60);
    const { order } = (await read(`/api/orders/${body.orderId}`)).body;
    expect(order).toMatchObject({
      status: 'failed',
      slippageTolerance: 0.5,
      minAmountOut: '99999',
      errorReason: expect.stringContaining('minimum 99999'),
    });
    expect((await read('/api/orders?limit=100')).body.orders).toEqual([order]);
  });

  test('shows a list in both shapes, and in the canonical shape alone behind a cursor', async () => {
    for (const body of [AMOUNT_IN, MIXED, AMOUNT_IN]) await execute(body);
    const first = (await read('/api/orders?limit=2')).body;
    const { data, orders } = first as { data: { orderId: string }[]; orders: { orderId: string }[] };
    expect(Object.keys(first)).toEqual(['data', 'nextCursor', 'success', 'orders', 'count']);
    expect(first).toMatchObject({ success: true, count: 2 });
    expect(orders.map(({ orderId }) => orderId)).toEqual(data.map(({ orderId }) => orderId));
    expect((await read('/api/orders/?limit=2')).body).toEqual(first);
    const next = (await read(`/api/orders?cursor=${first.nextCursor}`)).body;
    expect(Object.keys(next)).toEqual(['data', 'nextCursor']);
  });

  test.each([
    ['/api/orders/01a1fc22-e037-7000-9a9f-8530623254b1', 404, 'orderId'],
    ['/api/orders/nonsense', 400, 'orderId'],
    ['/api/orders?limit=0', 400, 'limit'],
  ])("is refused in the dialect's shape too if the order does not exist: %s", async (path, status) => {
    const answer = await read(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      success: false,
      error: answer.body.title,
      details: [{ path: expect.any(Array), message: answer.body.detail }],
    });
  });
});

describe('the list by offset', () => {
  test('leaves out the newest', async () => {
    const ids: unknown[] = [];
    for (const body of [AMOUNT_IN, MIXED, AMOUNT_IN]) ids.unshift((await execute(body)).body.orderId);
    const list = async (query: string) =>
      (await (await fetch(`${url}/api/orders?${query}`)).json()) as object;
    expect(await list('limit=2&offset=1')).toMatchObject({
      success: true,
      orders: [{ orderId: ids[1] }, { orderId: ids[2] }],
      count: 2,
    });
    expect(await list('offset=3')).toEqual({
      data: [],
      nextCursor: null,
      success: true,
      orders: [],
      count: 0,
    });
  });

  test.each(['-1', '1.5', 'x', '10001', ''])('refuses offset "%s"', async (offset) => {
    const response = await fetch(`${url}/api/orders?offset=${offset}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ field: 'offset', hint: expect.any(String) });
  });
});

describe('an order that waits for a price', () => {
  test.each([
    [{ ...INPUT_TOKEN, type: 'LIMIT', limitPrice: 160.5 }, 'limit', { limitPrice: '160.5' }],
    [{ ...FROM_TOKEN, orderType: 'limit', limitPrice: 160 }, 'limit', { limitPrice: '160' }],
    [{ ...TOKEN_IN, order_type: 'limit', limit_price: '160' }, 'limit', { limitPrice: '160' }],
    [{ ...MIXED, type: 'Limit', limitPrice: 160 }, 'limit', { limitPrice: '160' }],
    [{ ...AMOUNT_IN, limitPrice: '160', minAmountOut: '' }, 'limit', { limitPrice: '160' }],
    [
      { ...AMOUNT_IN, triggerCondition: 'price_above', triggerValue: '160' },
      'takeProfit',
      { takeProfitPrice: '160' },
    ],
    [{ ...AMOUNT_IN, triggerCondition: 'price_below', triggerValue: 140 }, 'stop', { stopPrice: '140' }],
  ])('rests with that meaning, held for no stream: %j', async (body, type, trigger) => {
    const { body: answer } = await execute(body);
    if (!('order_id' in answer)) expect(answer.status).toBe('pending');
    const [{ request, status } = {}] = await stored();
    expect(request).toMatchObject({ type, trigger, heldUntilMs: null, timeInForce: 'gtc' });
    expect(status).toBe('open');
  });

  const PATHS = [
    ['fromToken', (id: string) => listen(`/ws?orderId=${id}`)],
    ['inputToken', (id: string) => listen(`/api/orders/ws/${id}`)],
    ['mixed', (id: string) => listen(`/api/orders/execute?orderId=${id}`)],
    ['token_in', (id: string) => listen('/api/orders/status', { says: [id] })],
  ] as const;
  test.each(PATHS)('is pending to a client of %s until it fires', async (dialect, join) => {
    const { body } = await execute({ ...INPUT_TOKEN, type: 'LIMIT', limitPrice: 160 });
    const listening = join(String(body.orderId));
    await world.slots(5);
    world.priceRises('10 %');
    const { updates } = await whileRunning(listening);
    const told = updates
      .map(({ status }) => status)
      .filter((status, index, all) => status !== all[index - 1]);
    expect(told).toEqual([
      ...(dialect === 'mixed' ? ['connected'] : []),
      ...['pending', 'routing', 'building', 'submitted', 'confirmed'],
    ]);
    expect(updates.filter(({ status }) => status === 'pending')).toHaveLength(2);
    expect(updates.filter(({ status }) => status === 'connected')).toHaveLength(dialect === 'mixed' ? 1 : 0);
  });

  test.each(PATHS)(
    'is pending again to a client of %s when a firing came to nothing',
    async (_dialect, join) => {
      const { body } = await execute({ ...INPUT_TOKEN, type: 'LIMIT', limitPrice: 160 });
      const orderId = toOrderId(String(body.orderId));
      const statusOf = async () => (await world.engine.orders.get(orderId))?.status;
      const listening = join(orderId);
      await world.slots(2);
      world.priceRises('10 %');
      while ((await statusOf()) !== 'submitted') await world.clock.advance(20);
      world.priceRecovers(); // While the transaction is in flight: it reverts.
      while ((await statusOf()) !== 'open') await world.slots(1);
      await cancelOrder(world.engine, orderId);
      const { updates } = await whileRunning(listening);
      expect(updates.at(-2)).toMatchObject({ status: 'pending' });
      expect(updates.at(-1)).toMatchObject({ status: 'failed' });
      expect(updates.filter(({ status }) => status === 'connected').length).toBeLessThan(2);
    },
  );
});
