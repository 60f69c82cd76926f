import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';

// Whatever is sent: no answer is a 5xx, every refusal is a problem, every order that exists was answered with its id.
// `FUZZ_RUNS=5000 npx vitest run test/fuzz` is the long run; CI does a few hundred of each kind.
const RUNS = Number(process.env.FUZZ_RUNS ?? 250);
const TIMEOUT_MS = 30_000 + RUNS * 200;
const TERMINAL = ['confirmed', 'failed', 'canceled', 'expired'];

const dataDir = mkdtempSync(join(tmpdir(), 'oee-fuzz-'));
const accepted = new Set<string>();
let engine: EngineProcess;
let port: number;

beforeAll(async () => {
  port = await freePort();
  engine = await startEngineProcess({
    dataDir,
    port,
    devnetPort: await freePort(),
    env: { DEVNET_SLOT_MS: '50', LOG_LEVEL: 'error', STREAM_HOLD_MS: '1000' },
  });
});
afterAll(async () => {
  await engine?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

afterEach(async () => {
  // A machine that is busy with what came before may take a moment to be ready.
  const isReady = async () => expect((await fetch(`${engine.url}/readyz`)).status).toBe(200);
  await vi.waitFor(isReady, { timeout: 60_000, interval: 500 });
  expect(engine.output()).not.toMatch(/request failed|unhandled|uncaught/i);
}, 90_000);

const ID = '01a1fc22-e037-7000-9a9f-8530623254b1';
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\u0000',
      'SOL\u0000',
      '\ud800',
      '__proto__',
      'constructor',
      'toString',
      '../../etc/passwd',
      '%00',
    ],
    ...[
      "' OR 1=1 --",
      '<script>',
      '{{7*7}}',
      'NaN',
      '-0',
      '1e308',
      '0x10',
      '１',
      '9'.repeat(400),
      'null',
      'a'.repeat(5_000),
    ],
  ),
);
const hostileValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  hostileText,
  fc.constantFrom<unknown>(
    true,
    null,
    [],
    {},
    [[]],
    0,
    -1,
    1e308,
    1e-7,
    1.2345678901234567,
    '0',
    '-1',
    '12abc',
    '18446744073709551616',
  ),
);

/** Good bodies, with up to two of their fields gone, hostile, or foreign. */
const near = (
  fields: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) =>
  fc.record({ ...fields, ...optional }, { requiredKeys: Object.keys(fields) }).chain((good) => {
    const name = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...Object.keys(fields), ...Object.keys(optional)) },
      { weight: 1, arbitrary: hostileText },
    );
    const value = fc.oneof(hostileValue, fc.constant(undefined));
    const none = { weight: 3, arbitrary: fc.constant<[string, unknown][]>([]) };
    const some = { weight: 5, arbitrary: fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 2 }) };
    return fc.oneof(none, some).map((changes) => ({ ...good, ...Object.fromEntries(changes) }));
  });

const pair = { first: fc.constantFrom('SOL', 'sol'), second: fc.constantFrom('USDC', 'USDT', 'BONK') };
const amount = fc.constantFrom<unknown>('1', '0.001', 0.01, 1.5);
const price = fc.oneof(amount, fc.constantFrom<unknown>('150', 1e-7, '0', '9'.repeat(20), '9'.repeat(21)));
const time = fc.oneof(
  fc.date({ min: new Date(0), max: new Date(9e12), noInvalidDate: true }).map((at) => at.toISOString()),
  fc.constantFrom('2100-02-30T00:00:00Z', '9999-12-31T23:59:59.999999999+14:00'),
);
const canonicalBody = fc.oneof(
  near(
    { type: fc.constant('market'), tokenIn: pair.first, tokenOut: pair.second, amountIn: amount },
    {
      swapMode: fc.constant('exactIn'),
      slippageBps: fc.integer({ min: 0, max: 10_000 }),
      minAmountOut: amount,
      clientOrderId: fc.constantFrom('a', 'b:1', 'c.2'),
    },
  ),
  near(
    {
      type: fc.constantFrom('limit', 'STOP', 'takeProfit', 'stopLimit', 'trailingStop'),
      tokenIn: pair.first,
      tokenOut: pair.second,
      amountIn: amount,
    },
    {
      ...{ limitPrice: price, stopPrice: price, takeProfitPrice: price },
      trailingBps: fc.integer({ min: 0, max: 10_000 }),
      priceIn: fc.constantFrom('tokenIn', 'tokenOut'),
      priceSource: fc.constantFrom('last', 'mid', 'twap'),
      confirmSlots: fc.integer({ min: 0, max: 101 }),
      timeInForce: fc.constantFrom('gtc', 'gtd', 'ioc', 'fok'),
      expiresAt: time,
      startAt: time,
    },
  ),
  near(
    {
      type: fc.constant('market'),
      tokenIn: pair.first,
      tokenOut: pair.second,
      amountOut: amount,
      swapMode: fc.constant('exactOut'),
    },
    { maxAmountIn: amount },
  ),
);
const amendment = near(
  {},
  {
    ...{ limitPrice: price, stopPrice: price, trailingBps: fc.integer({ min: 0, max: 10_000 }) },
    ...{ amountIn: amount, amountOut: amount, expiresAt: fc.oneof(time, fc.constant(null)) },
  },
);
const dialectBody = fc.oneof(
  near(
    { fromToken: pair.first, toToken: pair.second, amount },
    { orderType: fc.constantFrom('market', 'limit'), limitPrice: price },
  ),
  near(
    { inputToken: pair.first, outputToken: pair.second, amount },
    { type: fc.constantFrom('MARKET', 'LIMIT'), side: fc.constantFrom('buy', 'sell'), limitPrice: price },
  ),
  near(
    { token_in: pair.first, token_out: pair.second, amount },
    { order_type: fc.constant('market'), max_slippage: fc.double({ min: 0, max: 1.1 }) },
  ),
  near(
    { tokenIn: pair.first, tokenOut: pair.second, amountIn: amount },
    { slippageTolerance: fc.double({ min: 0, max: 110 }), minAmountOut: amount },
  ),
);
const text = (body: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 17, arbitrary: body.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: body.map((value) => JSON.stringify(value).slice(0, -3)) },
  );
const header = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.,;:=*/+ "\t\u00e9'), maxLength: 300 });
const headers = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        'idempotency-key': fc.oneof(header, fc.constantFrom('k1', 'k2')),
        prefer: fc.oneof(header, fc.constant('wait=0')),
        accept: header,
        'x-forwarded-proto': header,
      },
      { requiredKeys: [] },
    ),
  },
);

test.each([
  ['/api/orders', canonicalBody],
  ['/api/orders/execute', dialectBody],
] as const)(
  'POST %s accepts an order whole or refuses it with a problem',
  async (path, body) => {
    await fc.assert(
      fc.asyncProperty(text(body), headers, async (sent, hostile) => {
        const response = await fetch(engine.url + path, {
          method: 'POST',
          headers: { ...trimmed(hostile), 'content-type': 'application/json' },
          body: sent,
          signal: AbortSignal.timeout(20_000),
        });
        const answer = (await response.json()) as Record<string, unknown>;
        if (response.ok) accepted.add(String(answer.orderId ?? answer.order_id));
        else expectProblem(response, answer);
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'PATCH changes an order that rests, or refuses with a problem and changes nothing',
  async () => {
    const swap = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' };
    const rests = { ...swap, type: 'limit', limitPrice: '160', startAt: '2100-01-01T00:00:00Z' };
    const created = await fetch(`${engine.url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rests),
    });
    const { orderId } = (await created.json()) as { orderId: string };
    accepted.add(orderId);
    const order = `${engine.url}/api/orders/${orderId}`;
    await fc.assert(
      fc.asyncProperty(text(amendment), fc.oneof(header, fc.constant('*')), async (sent, tag) => {
        const before = await (await fetch(order)).json();
        const response = await fetch(order, {
          method: 'PATCH',
          headers: { ...trimmed({ 'if-match': tag }), 'content-type': 'application/json' },
          body: sent,
          signal: AbortSignal.timeout(20_000),
        });
        const answer = (await response.json()) as Record<string, unknown>;
        if (response.ok) expect(answer.sequence).toBe((before as { sequence: number }).sequence + 1);
        else {
          expectProblem(response, answer);
          expect(await (await fetch(order)).json()).toEqual(before);
        }
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'any other request is answered or refused with a problem',
  async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'api',
        'orders',
        'execute',
        'events',
        'stream',
        'ws',
        'quotes',
        'prices',
        'pools',
        'health',
        ID,
        '1',
      ),
      hostileText.filter(isWellFormed).map(encodeURIComponent),
      fc.constantFrom('%', '%00', '%E0%A4%A', '..', '.', '*', ';a=b'),
    );
    const query = fc.webQueryParameters();
    const known = fc.constantFrom(
      'limit',
      'offset',
      'cursor',
      'after',
      'status',
      'tokenIn',
      'tokenOut',
      'amountIn',
      'pairs',
      'orderId',
    );
    const hostileQuery = fc
      .array(fc.tuple(known, hostileText.filter(isWellFormed).map(encodeURIComponent)), {
        maxLength: 4,
      })
      .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
    const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'POST');
    await fc.assert(
      fc.asyncProperty(
        method,
        fc.array(segment, { maxLength: 5 }),
        fc.oneof(query, hostileQuery),
        async (verb, path, search) => {
          const url = `${engine.url}/${path.join('/')}?${search}`.slice(0, 8_000);
          const response = await fetch(url, { method: verb, signal: AbortSignal.timeout(20_000) });
          const body = await response.text();
          if (!response.ok && verb !== 'HEAD') expectProblem(response, JSON.parse(body));
          expect(response.status).toBeLessThan(500);
        },
      ),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'bytes that are no HTTP end only their connection',
  async () => {
    const start = fc.constantFrom(
      ...[
        'GET / HTTP/1.1',
        'GET /health HTTP/1.0',
        'POST /api/orders HTTP/1.1',
        'GET /ws?orderId=1 HTTP/1.1',
        'PRI * HTTP/2.0',
      ],
      ...[
        'GET http://other/ HTTP/1.1',
        'CONNECT a:1 HTTP/1.1',
        'OPTIONS * HTTP/1.1',
        `GET /${'a'.repeat(9_000)} HTTP/1.1`,
      ],
    );
    const line = fc.constantFrom(
      ...[
        'Host: 127.0.0.1',
        'Host: 127.0.0.1',
        'Host: elsewhere',
        'Content-Length: 17',
        'Content-Length: -1',
        'Content-Length: 99999999999',
      ],
      ...[
        'Transfer-Encoding: chunked',
        'Upgrade: websocket',
        'Connection: upgrade',
        'Sec-WebSocket-Version: 13',
      ],
      ...[
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Key: short',
        'Expect: 100-continue',
        'Expect: 1',
      ],
      ...[
        'Content-Type: application/json',
        'Content-Type: text/html; charset=\u00ff',
        'Accept: text/event-stream',
        ': no name',
      ],
      ...[`X: ${'a'.repeat(20_000)}`, 'Authorization: Bearer', 'Origin: null', 'Origin: http://127.0.0.1'],
    );
    const body = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('', '{"type":"market"', '5\r\nhello\r\n', 'ffffffff\r\n'),
    );
    const request = fc
      .tuple(start, fc.array(line, { maxLength: 8 }), body)
      .map(([first, lines, rest]) => `${[first, ...lines].join('\r\n')}\r\n\r\n${rest}`);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          { weight: 9, arbitrary: request },
          { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 400 }) },
        ),
        async (bytes) => {
          for (const status of await sendRaw(bytes)) expect(status, bytes).toBeLessThan(500);
        },
      ),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'a socket may send any frames and is closed with a proper code',
  async () => {
    const path = fc.constantFrom(
      ...[
        '/ws',
        `/ws?orderId=${ID}`,
        '/ws?orderId=%00',
        '/api/orders/execute',
        '/api/orders/status',
        '/api/orders/ws/%00',
      ],
      ...[
        `/api/orders/${ID}/stream`,
        `/api/orders/${ID}/stream?after=-1`,
        '/api/orders/x/stream',
        `/api/orders/ws/${ID}`,
      ],
    );
    const frame = fc.oneof(
      hostileText,
      fc.json(),
      fc.constantFrom('{"type":"ping"}', ID, `${ID}\n`, '"'.repeat(10_000)),
      fc.uint8Array({ maxLength: 200 }),
    );
    await fc.assert(
      fc.asyncProperty(path, fc.array(frame, { maxLength: 5 }), async (where, frames) => {
        const socket = new WebSocket(engine.url.replace('http', 'ws') + where);
        const refused = once(socket, 'error').then(([error]) => expect(String(error)).not.toMatch(/50\d/));
        const closed = once(socket, 'close').then(([code]) =>
          expect([1000, 1005, 1006, 1007, 1009, 4400, 4404]).toContain(code),
        );
        socket.on('open', () => {
          for (const one of frames) socket.send(one);
          setTimeout(() => socket.close(), 20);
        });
        socket.on('error', () => socket.terminate());
        await Promise.race([closed, refused]);
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  },
  TIMEOUT_MS,
);

test('every order that exists was accepted whole, and ends', async () => {
  expect(accepted.size).toBeGreaterThan(0);
  await fetch(`${engine.url}/api/orders?all=true`, { method: 'DELETE' }); // Those that rest end in no other way.
  const deadline = Date.now() + 60_000;
  let orders = await everyOrder();
  while (orders.some(({ status }) => !TERMINAL.includes(status)) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    orders = await everyOrder();
  }
  expect(orders.filter(({ status }) => !TERMINAL.includes(status))).toEqual([]);
  expect(orders.map(({ orderId }) => orderId).sort()).toEqual([...accepted].sort());
  for (const { orderId, sequence } of orders) {
    const { data } = (await (await fetch(`${engine.url}/api/orders/${orderId}/events`)).json()) as {
      data: { sequence: number }[];
    };
    expect(data.length).toBeGreaterThanOrEqual(sequence);
    expect(data.map((event) => event.sequence)).toEqual(data.map((_, index) => index + 1));
  }
}, 120_000);

/** Lone surrogates have no place in a URL. */
const isWellFormed = (one: string): boolean => !/\p{Surrogate}/u.test(one);

function expectProblem(response: Response, body: Record<string, unknown>): void {
  expect(response.status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
  expect(response.status, JSON.stringify(body)).toBeLessThan(500);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({
    code: expect.stringMatching(/^[a-z_]+$/),
    hint: expect.stringMatching(/\S/),
    detail: expect.stringMatching(/\S/),
    requestId: expect.any(String),
  });
}

/** fetch refuses values that HTTP does not allow, and space around them is not sent. */
const trimmed = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, (value ?? '').trim()]));

/** Status codes of everything that comes back until the server hangs up, or for a moment. */
async function sendRaw(bytes: string): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk) => (received += chunk));
  socket.on('error', () => {}); // A reset is an end like any other.
  socket.end(bytes, 'latin1');
  await new Promise((resolve) => {
    socket.on('close', resolve);
    setTimeout(resolve, 300);
  });
  socket.destroy();
  return [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}

interface Listed {
  readonly orderId: string;
  readonly clientOrderId: string | null;
  readonly status: string;
  readonly sequence: number;
}

/** Every order but those that the engine makes itself, to swap on what a route left over. */
async function everyOrder(): Promise<Listed[]> {
  const orders: Listed[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = (await (
      await fetch(`${engine.url}/api/orders?limit=200${cursor && `&cursor=${cursor}`}`)
    ).json()) as { data: Listed[]; nextCursor: string | null };
    orders.push(...page.data.filter(({ clientOrderId }) => !clientOrderId?.startsWith('dust:')));
    cursor = page.nextCursor;
  }
  return orders;
}
