import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { execute as executeOn, get } from '../support/order-client.ts';
import { type Conversation, converse } from '../support/socket-client.ts';

// Each client does what its document shows, request for request and socket for socket, against the real engine.

/** Each status in its order. The market moves, so an attempt may revert and be repeated; each client has a word for it. */
const LIFECYCLE =
  /^pending( (routing|retrying)( building( submitted)?)?)*? (routing|retrying) building submitted confirmed$/;
/** The same of clients that read the decision in a routing of its own. */
const DECIDED =
  /^pending( (routing|retrying)( routing building( submitted)?)?)*? (routing|retrying) routing building submitted confirmed$/;
const UNKNOWN_ID = '01a1fc22-e037-7000-9a9f-8530623254b1';
const A_PRICE = expect.any(Number);
const A_SIGNATURE = expect.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{86,88}$/);

const dataDir = mkdtempSync(join(tmpdir(), 'oee-dialects-'));
let engine: EngineProcess;
let sockets: string;

beforeAll(async () => {
  engine = await startEngineProcess({
    dataDir,
    port: await freePort(),
    devnetPort: await freePort(),
    env: { DEVNET_SLOT_MS: '50' },
  });
  sockets = engine.url.replace('http', 'ws');
});
afterAll(async () => {
  await engine?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function execute(body: object): Promise<{ status: number; answer: Record<string, string> }> {
  const response = await executeOn(engine, body);
  return { status: response.status, answer: (await response.json()) as Record<string, string> };
}

const read = async (path: string): Promise<Record<string, unknown>> =>
  (await get(engine.url + path)) as Record<string, unknown>;

const statusesOf = ({ updates }: Conversation): string => updates.map(({ status }) => status).join(' ');

/** The last update with this status. */
const told = ({ updates }: Conversation, status: string) =>
  updates.findLast((update) => update.status === status);

/**
 * Two sockets at once right after the answer, one that hangs up in the middle and comes back, and one after the end: all
 * of them see the whole order, and the server ends each with 1000.
 */
async function watchFromAllSides(listen: (enough?: number) => Promise<Conversation>): Promise<Conversation> {
  const [early, twin, dropped] = await Promise.all([listen(), listen(), listen(2)]);
  expect(early.code).toBe(1000);
  expect(twin).toEqual(early);
  expect(dropped.updates).toEqual(early.updates.slice(0, 2));
  expect(await listen()).toEqual(early); // Reconnected, and late.
  return early;
}

/** A client of any dialect that asks for an order that does not exist is told so, and nothing hangs. */
async function expectUnknown(
  listen: (orderId: string) => Promise<Conversation>,
  toFrames: (error: string) => object[] = () => [],
): Promise<void> {
  expect(await listen(UNKNOWN_ID)).toEqual({ updates: toFrames('order is not known'), code: 4404 });
  expect(await listen('nonsense')).toEqual({ updates: toFrames('orderId is not a UUID'), code: 4400 });
}

/** The order rests, though the others are confirmed by then: twenty slots. */
async function expectHeld(orderId: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await read(`/api/orders/${orderId}`)).toMatchObject({ status: 'pending', sequence: 1 });
}

/** An exchange as two of the originals name it, or several. */
const A_CAPITAL_NAME = expect.stringMatching(/^(Raydium|Meteora|Jupiter)(\+(Raydium|Meteora|Jupiter))*$/);

describe('the client that sends fromToken', () => {
  const listen = (orderId: string, enough?: number) =>
    converse(`${sockets}/ws?orderId=${orderId}`, enough ? { enough } : {});

  test('submits, and its order starts when the socket connects', async () => {
    const { status, answer } = await execute({
      fromToken: 'SOL',
      toToken: 'USDC',
      amount: 1,
      orderType: 'market',
    });
    expect(status).toBe(200);
    expect(answer).toEqual({ orderId: expect.any(String), status: 'pending' });
    const { orderId = '' } = answer;
    await expectHeld(orderId);

    const seen = await watchFromAllSides((enough) => listen(orderId, enough));
    expect(statusesOf(seen)).toMatch(DECIDED);
    expect(seen.updates[0]).toMatchObject({
      orderId,
      status: 'pending',
      message: expect.stringMatching(/Starting execution/),
    });
    const routing = told(seen, 'routing');
    const submitted = told(seen, 'submitted');
    const confirmed = told(seen, 'confirmed');
    expect(routing).toMatchObject({
      orderId,
      bestDex: A_CAPITAL_NAME,
      bestPrice: A_PRICE,
      raydiumPrice: A_PRICE,
      meteoraPrice: A_PRICE,
    });
    expect(told(seen, 'building')).toMatchObject({ orderId, dex: routing?.bestDex });
    expect(submitted).toMatchObject({ orderId, txHash: A_SIGNATURE });
    expect(confirmed).toMatchObject({
      orderId,
      dex: routing?.bestDex,
      txHash: submitted?.txHash,
      executionPrice: A_PRICE,
      attempt: expect.any(Number),
    });
  });

  test('may leave the order type out', async () => {
    const { answer } = await execute({ fromToken: 'SOL', toToken: 'USDC', amount: 1 });
    expect(statusesOf(await listen(answer.orderId!))).toMatch(DECIDED);
  });

  test.each([{ fromToken: 'SOL' }, { toToken: 'USDC', amount: 1 }, { fromToken: 'SOL', toToken: 'USDC' }])(
    'gets %j refused',
    async (body) => {
      expect(await execute(body)).toMatchObject({ status: 400, answer: { error: expect.any(String) } });
    },
  );

  test('gets an error frame for an unknown order', () => expectUnknown(listen, (error) => [{ error }]));
});

describe('the client whose first message says connected', () => {
  const listen = (orderId: string, enough?: number) =>
    converse(`${sockets}/api/orders/execute?orderId=${orderId}`, enough ? { enough } : {});

  test('submits its three fields, and its order starts when the socket connects', async () => {
    const { status, answer } = await execute({ tokenIn: 'SOL', tokenOut: 'USDC', amount: 1 });
    expect(status).toBe(200);
    const { orderId = '' } = answer;
    await expectHeld(orderId);
    const seen = await watchFromAllSides((enough) => listen(orderId, enough));
    expect(seen.updates[0]).toEqual({ orderId, status: 'connected' });
    expect(statusesOf(seen)).toMatch(new RegExp(LIFECYCLE.source.replace('^', '^connected ')));
    expect(seen.updates.find(({ status }) => status === 'routing')).toMatchObject({
      dex: expect.stringMatching(/^(raydium|meteora|jupiter)(\+|$)/),
      price: A_PRICE,
    });
  });

  test.each([
    { tokenIn: 'SOL', tokenOut: 'USDC', amount: '1.5', type: 'market' },
    { inputToken: 'SOL', toToken: 'USDC', amountIn: 1 },
  ])('submits %j and reads the routing decision in a message', async (body) => {
    const { status, answer } = await execute(body);
    expect(status).toBe(200);
    expect(answer).toEqual({ orderId: expect.any(String), status: 'pending' });
    const { orderId = '' } = answer;
    const seen = await watchFromAllSides((enough) => listen(orderId, enough));
    expect(statusesOf(seen)).toMatch(new RegExp(LIFECYCLE.source.replace('^', '^connected ')));
    expect(told(seen, 'routing')?.message).toMatch(/^Chose [\w+]+ at [\d.]+ USDC per SOL \(.*raydium [\d.]+/);
    expect(told(seen, 'confirmed')).toMatchObject({ orderId, txHash: A_SIGNATURE, executedPrice: A_PRICE });
  });

  test('gets an error for an unknown order', () => expectUnknown(listen));
});

describe('the client that sends type and side', () => {
  const listen = (orderId: string, enough?: number) =>
    converse(`${sockets}/api/orders/ws/${orderId}`, enough ? { enough } : {});
  const body = { type: 'MARKET', side: 'buy', inputToken: 'SOL', outputToken: 'USDC', amount: 10 };

  test.each([
    body,
    { ...body, side: 'sell', inputToken: 'USDC', outputToken: 'SOL', amount: 100 },
    { ...body, outputToken: 'BONK', amount: 5 },
  ])('spends its amount of the input token, over the socket that the answer names: %j', async (sent) => {
    const { status, answer } = await execute(sent);
    expect(status).toBe(200);
    const { orderId = '', wsUrl = '' } = answer;
    expect(answer).toEqual({
      message: 'Order received',
      orderId: expect.any(String),
      status: 'pending',
      wsUrl: `${sockets}/api/orders/ws/${orderId}`,
    });
    const seen = await watchFromAllSides((enough) => converse(wsUrl, enough ? { enough } : {}));
    expect(statusesOf(seen)).toMatch(DECIDED);
    expect(seen.updates[0]).toMatchObject({ orderId, status: 'pending', message: 'Connected to updates' });
    const routing = told(seen, 'routing');
    expect(routing).toMatchObject({ orderId, price: A_PRICE, dex: A_CAPITAL_NAME });
    expect(routing?.message).toBe(`Best Route: ${routing?.dex}`);
    expect(told(seen, 'confirmed')).toMatchObject({
      ...{ orderId, finalPrice: A_PRICE, price: A_PRICE },
      ...{ dex: routing?.dex, txHash: A_SIGNATURE },
    });
    expect(await read(`/api/orders/${orderId}`)).toMatchObject({
      swapMode: 'exactIn',
      amountIn: String(sent.amount),
      tokenIn: sent.inputToken,
    });
  });

  test.each([0, -5, -10])('gets an amount of %i refused in its own format', async (amount) => {
    const { status, answer } = await execute({ ...body, amount });
    expect(status).toBe(400);
    expect(answer.error).toBe('Invalid amount');
  });

  test.each([
    ['LIMIT', 'limitPrice'],
    ['SNIPER', 'type'],
  ])('gets a %s order without a price refused, not run at the market', async (type, field) => {
    const { status, answer } = await execute({ ...body, type });
    expect(status).toBe(400);
    expect(answer).toMatchObject({
      code: 'invalid_request',
      field,
      hint: expect.stringContaining('limitPrice'),
    });
  });

  test('gets an error for an unknown order', () => expectUnknown(listen));
});

describe.each(['/api/orders/status', '/api/orders/execute'])(
  'the client that sends token_in and names its order on %s',
  (path) => {
    const listen = (orderId: string, enough?: number) =>
      converse(sockets + path, { says: [orderId], ...(enough && { enough }) });

    test('submits, and reads null for values that are not known yet', async () => {
      const { status, answer } = await execute({
        token_in: 'SOL',
        token_out: 'USDC',
        amount: 12.5,
        order_type: 'market',
        max_slippage: 0.05,
      });
      expect(status).toBe(200);
      expect(answer).toEqual({ order_id: expect.any(String) });
      const { order_id = '' } = answer;
      const seen = await watchFromAllSides((enough) => listen(order_id, enough));
      const blank = { order_id, execution_price: null, tx_hash: null };
      const sent = { ...blank, tx_hash: A_SIGNATURE };
      expect(statusesOf(seen)).toMatch(LIFECYCLE);
      expect(seen.updates.slice(0, 2)).toEqual([
        { ...blank, status: 'pending' },
        { ...blank, status: 'routing' },
      ]);
      expect(told(seen, 'building')).toEqual({ ...blank, status: 'building' });
      expect(told(seen, 'submitted')).toEqual({ ...sent, status: 'submitted' });
      expect(told(seen, 'confirmed')).toEqual({ ...sent, status: 'confirmed', execution_price: A_PRICE });
      expect(await read(`/api/orders/${order_id}`)).toMatchObject({ slippageBps: 500, amountIn: '12.5' });
    });

    test.each([13.479876543210123, 1.0000000000000002, 20.99999999999999])(
      "sends the random amount %d, and spends it cut to the token's decimals",
      async (amount) => {
        const { status, answer } = await execute({
          ...{ token_in: 'SOL', token_out: 'USDC', amount, order_type: 'market' },
          max_slippage: 0.02 + 0.123456789 * 0.03,
        });
        expect(status).toBe(200);
        const [whole, fraction = ''] = String(amount).split('.');
        expect(await read(`/api/orders/${answer.order_id}`)).toMatchObject({
          amountIn: `${whole}.${fraction.slice(0, 9)}`.replace(/\.?0*$/, ''),
          slippageBps: 237,
        });
      },
    );

    test.each([0.6, 0.005, -0.1])('gets a max_slippage of %d refused', async (max_slippage) => {
      const body = { token_in: 'SOL', token_out: 'USDC', amount: 10, order_type: 'market', max_slippage };
      expect((await execute(body)).status).toBe(400);
    });

    test('gets an error for an unknown order', () => expectUnknown(listen));
  },
);

describe('the client that sends slippageTolerance', () => {
  const body = {
    tokenIn: 'SOL',
    tokenOut: 'USDC',
    amountIn: '100',
    slippageTolerance: 0.5,
    minAmountOut: '99',
  };
  const listen = (orderId: string, enough?: number) =>
    converse(`${sockets}/api/orders/${orderId}/stream?after=0`, enough ? { enough } : {});

  test('submits, is greeted, pings, and reads its order', async () => {
    const { status, answer } = await execute(body);
    expect(status).toBe(201);
    expect(answer).toEqual({
      success: true,
      orderId: expect.any(String),
      status: 'pending',
      message: 'Order created and queued for execution',
      order: expect.objectContaining({ status: 'pending', amountIn: '100' }),
    });
    const { orderId = '' } = answer;
    const seen = await watchFromAllSides(async (enough) => {
      const { updates, code } = await listen(orderId, enough && enough + 1);
      const [greeting, ...rest] = updates;
      expect(greeting).toEqual({ type: 'connected', orderId, timestamp: expect.any(String) });
      return { updates: rest, code }; // The greeting's time is each socket's own.
    });
    expect(statusesOf(seen)).toMatch(LIFECYCLE);
    const confirmed = seen.updates.at(-1);
    expect(confirmed).toMatchObject({
      orderId,
      dexType: expect.any(String),
      executedPrice: expect.any(String),
      txHash: A_SIGNATURE,
      timestamp: expect.any(String),
    });

    const { success, order } = await read(`/api/orders/${orderId}`);
    expect(success).toBe(true);
    expect(order).toEqual({
      orderId,
      tokenIn: 'SOL',
      tokenOut: 'USDC',
      amountIn: '100',
      slippageTolerance: 0.5,
      minAmountOut: '99',
      status: 'confirmed',
      dexType: confirmed?.dexType,
      executedPrice: confirmed?.executedPrice,
      txHash: confirmed?.txHash,
      errorReason: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const list = await read('/api/orders?limit=100');
    expect(list).toMatchObject({
      success: true,
      orders: expect.arrayContaining([order]),
      count: (list.orders as object[]).length,
    });
    expect(await read('/health')).toEqual({
      status: 'ok',
      timestamp: expect.any(String),
      chainIdentity: true,
    });
  });

  test.each([undefined, '', '0'])('may leave minAmountOut out, or send %j', async (minAmountOut) => {
    const { answer } = await execute({ ...body, minAmountOut });
    const { updates, code } = await listen(answer.orderId!);
    expect(statusesOf({ updates: updates.slice(1), code })).toMatch(LIFECYCLE);
  });

  test('gets a pong for a ping at any time', async () => {
    const { answer } = await execute(body);
    const { updates } = await converse(`${sockets}/api/orders/${answer.orderId}/stream?after=0`, {
      says: ['{"type":"ping"}'],
    });
    expect(updates).toContainEqual({ type: 'pong', timestamp: expect.any(String) });
    expect(updates[0]?.type).toBe('connected');
  });

  test('gets a bad order refused with 400 and the reason', async () => {
    const { status, answer } = await execute({ ...body, tokenOut: 'SOL' });
    expect(status).toBe(400);
    expect(answer).toMatchObject({
      success: false,
      error: expect.any(String),
      details: [{ path: ['tokenOut'], message: 'tokenIn and tokenOut are the same token.' }],
    });
  });

  test('gets an error for an unknown order, in a frame if it sends no `after`', async () => {
    await expectUnknown(listen);
    for (const [orderId, error, code] of [
      [UNKNOWN_ID, 'order is not known', 4404],
      ['nonsense', 'orderId is not a UUID', 4400],
    ] as const)
      expect(await converse(`${sockets}/api/orders/${orderId}/stream`)).toEqual({
        updates: [{ type: 'error', error, orderId, timestamp: expect.any(String) }],
        code,
      });
  });
});

describe('a canonical client beside them', () => {
  test('gets the same answers and events as without them', async () => {
    const response = await fetch(`${engine.url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' }),
    });
    const { orderId } = (await response.json()) as { orderId: string };
    const { updates } = await converse(`${sockets}/api/orders/${orderId}/stream`, {
      says: ['{"type":"ping"}'],
    });
    const { data } = (await read(`/api/orders/${orderId}/events`)) as { data: object[] };
    expect(updates).toEqual(data.slice(0, updates.length));
    expect(statusesOf({ updates, code: 1000 })).toMatch(LIFECYCLE);
    expect(await read(`/api/orders/${orderId}`)).not.toHaveProperty('success');
  });
});
