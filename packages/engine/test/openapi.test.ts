import {
  accountEvent,
  asyncApiDocument,
  channels,
  hintOf,
  openApiDocument,
  operations,
  orderEvent,
  PROBLEMS,
  priceFrame,
  streamOpened,
} from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CLOSE } from '../src/api/close-codes.ts';
import { createTestApp, serveTestApp } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

const ABOUT = { version: '1.2.3', chain: 'memory', database: 'memory' };
/** What is served beside the contract: pages for people, and the sockets of other engines' clients. */
const PAGES = ['GET /', 'GET /docs'];
const DIALECT_SOCKETS = [
  'GET /ws',
  'GET /api/orders/ws/{orderId}',
  'GET /api/orders/execute',
  'GET /api/orders/status',
];

const MARKET = { type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' };
const DIALECT = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' };
const UNKNOWN_ID = '01a1fc22-e037-7000-9a9f-8530623254b1';

interface Document {
  readonly paths: Record<
    string,
    Record<string, { parameters?: { name: string; in: string; required: boolean }[] }>
  >;
  readonly components: { schemas: Record<string, unknown> };
}

let world: TestWorld;
let app: FastifyInstance;
const routes: string[] = [];

beforeAll(async () => {
  world = await createWorld();
  await world.start();
  app = await createTestApp(world.engine, { about: ABOUT });
  await app.ready();
  routes.push(...routesOf(app.printRoutes({ commonPrefix: false })));
});
afterAll(async () => {
  await app.close();
  await world.stop();
});

const request = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  app.inject({ method, url, headers: { host: '127.0.0.1' }, ...(payload && { payload }) });

test('the API serves each operation and channel of the contract, the pages, the dialects’ sockets, and no other route', () => {
  const inContract = [
    ...operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`),
    ...channels().map(({ path }) => `GET ${path}`),
  ];
  expect(routes.toSorted()).toEqual([...inContract, ...PAGES, ...DIALECT_SOCKETS].toSorted());
});

test('an operation requires the key, unless the contract says that it is open', async () => {
  const guarded = await createTestApp(world.engine, { apiKey: 'secret' });
  const open: string[] = [];
  for (const { id, method, path } of operations()) {
    const url = path.replace(/\{\w+\}/, UNKNOWN_ID);
    const { statusCode } = await guarded.inject({
      method: method.toUpperCase() as 'GET',
      url,
      headers: { host: '127.0.0.1' },
    });
    if (statusCode !== 401) open.push(id);
  }
  expect(open).toEqual(['getHealth', 'getLiveness', 'getReadiness']);
  await guarded.close();
});

test.each([
  ['POST', '/api/orders', { ...MARKET, slippageBps: 'wide' }, 'slippageBps'],
  ['POST', '/api/orders/execute', { fromToken: '', toToken: 'USDC', amount: 1 }, 'fromToken'],
  ['POST', '/api/orders/execute', { ...DIALECT, slippageTolerance: 'wide' }, 'slippageTolerance'],
  ['GET', '/api/orders?offset=far', undefined, 'offset'],
  ['GET', `/api/orders/${UNKNOWN_ID}/events?after=now`, undefined, 'after'],
  ['GET', '/api/quotes?tokenIn=SOL&tokenOut=USDC&swapMode=half', undefined, 'swapMode'],
  ['GET', '/api/prices?pairs=SOL', undefined, 'pairs'],
] as const)(
  '%s %s: a refused field answers with the hint of its contract',
  async (method, url, payload, field) => {
    const problem = (await request(method, url, payload)).json() as Record<string, string>;
    const path = url.split('?')[0]!.replace(UNKNOWN_ID, '{orderId}');
    const operation = operations().find((one) => one.path === path && one.method === method.toLowerCase())!;
    const hint = hintOf(payload ? operation.body : operation.query, field);
    expect(hint).toMatch(/^\w+ .*\.$/);
    expect(problem).toMatchObject({ code: 'invalid_request', field, hint });
  },
);

test('GET /openapi.json serves the document', async () => {
  const response = await request('GET', '/openapi.json');
  expect(response.headers['content-type']).toMatch(/^application\/json/);
  expect(response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(ABOUT))));
  expect(response.json()).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
});

test('every reference resolves, and every parameter of a path is declared', () => {
  const document = JSON.parse(JSON.stringify(openApiDocument(ABOUT))) as Document;
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name as string);
  for (const [path, operations] of Object.entries(document.paths))
    for (const [, name] of path.matchAll(/\{(\w+)\}/g))
      for (const { parameters = [] } of Object.values(operations))
        expect(parameters).toContainEqual(expect.objectContaining({ name, in: 'path', required: true }));
});

test('page and documents name this server as a browser behind a TLS proxy reaches it', async () => {
  const connections = { total: 100, perAddress: 100, trustedProxies: ['127.0.0.1'] };
  const app = await createTestApp(world.engine, { connections });
  const ask = (url: string) =>
    app.inject({ url, headers: { host: 'localhost:8443', 'x-forwarded-proto': 'https' } });
  expect((await ask('/')).body).toContain('https://localhost:8443/api/orders');
  expect((await ask('/asyncapi.json')).json().servers.engine).toMatchObject({
    host: 'localhost:8443',
    protocol: 'wss',
  });
  await app.close();
});

test('GET /asyncapi.json describes every stream that is served, and every reference in it resolves', async () => {
  const response = await request('GET', '/asyncapi.json');
  const document = response.json();
  expect(document).toEqual(
    JSON.parse(JSON.stringify(asyncApiDocument({ version: '1.2.3', host: '127.0.0.1', protocol: 'ws' }))),
  );
  for (const { path } of channels()) expect(routes).toContain(`GET ${path}`);
  for (const code of Object.values(CLOSE)) expect(response.body).toMatch(new RegExp(`\\b${code}\\b`));
  const references = [...response.body.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path as string);
  expect(references.length).toBeGreaterThan(8);
  for (const path of references)
    expect(
      path.split('/').reduce((part, key) => part?.[key], document),
      path,
    ).toBeDefined();
});

test('every frame of a stream fits the document', async () => {
  const { orderId } = (
    await request('POST', '/api/orders', { type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' })
  ).json() as { orderId: string };
  const served = await serveTestApp(world.engine);
  const paths = [
    '/api/stream?after=0',
    `/api/orders/${orderId}/stream`,
    '/api/stream?events=none&prices=SOL/USDC',
  ];
  const frames: [unknown[], unknown[], unknown[]] = [[], [], []];
  for (const [index, path] of paths.entries())
    new WebSocket(`${served.url.replace('http', 'ws')}${path}`).on('message', (data) =>
      frames[index]!.push(JSON.parse(String(data))),
    );
  await world.slots(40);
  await vi.waitFor(() => expect(frames.map(({ length }) => length > 4)).toEqual([true, true, false]));
  const [opened, ...events] = frames[0];
  expect(streamOpened.strict().parse(opened)).toEqual(opened);
  for (const event of events) expect(accountEvent.parse(event)).toEqual(event);
  for (const event of frames[1]) expect(orderEvent.parse(event)).toEqual(event);
  expect(frames[2].length).toBeGreaterThan(0);
  for (const price of frames[2]) expect(priceFrame.strict().parse(price)).toEqual(price);
  await served.app.close();
});

test('GET /docs is a page with every request, stream and problem', async () => {
  const response = await request('GET', '/docs');
  expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(response.headers['content-security-policy']).toContain("default-src 'none'");
  for (const { method, path } of operations())
    expect(response.body).toContain(`${method.toUpperCase()} ${path}`);
  for (const { path } of channels()) expect(response.body).toContain(`WS ${path}`);
  for (const code of Object.keys(PROBLEMS)) expect(response.body).toContain(`<td>${code}</td>`);
});

test('every answer has exactly the fields of the document', async () => {
  const seen = new Set<string>();
  const check = async (id: string, url: string, payload?: object): Promise<Record<string, string>> => {
    const operation = operations().find((one) => one.id === id);
    if (!operation) throw new Error(`no operation ${id}`);
    const method = operation.method.toUpperCase() as 'GET';
    const response = await request(method, url, payload);
    const answer = operation.answers[response.statusCode];
    expect(answer, `${id} ${response.statusCode}: ${response.body}`).toBeDefined();
    expect(answer?.body?.parse(response.json()), id).toEqual(response.json());
    seen.add(id);
    return response.json() as Record<string, string>;
  };

  const market = { type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' };
  const { orderId } = await check('submitOrder', '/api/orders', market);
  await check('getOrder', `/api/orders/${orderId}`);
  await world.slots(40);
  await check('getOrder', `/api/orders/${orderId}`);
  await check('explainOrder', `/api/orders/${orderId}/explain`);
  await check('listEvents', `/api/orders/${orderId}/events`);
  await check('executeOrder', '/api/orders/execute', { fromToken: 'SOL', toToken: 'USDC', amount: 1 });
  const dialect = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' };
  const held = await check('executeOrder', '/api/orders/execute', dialect);
  await check('executeOrder', '/api/orders/execute', { token_in: 'SOL', token_out: 'USDC', amount: 1 });
  await check('executeOrder', '/api/orders/execute', { inputToken: 'SOL', outputToken: 'USDC', amount: 1 });
  await world.stop();
  expect(held.orderId).toBeDefined();
  expect(await check('getOrder', `/api/orders/${held.orderId}`)).toHaveProperty('order');
  const waiting = await check('submitOrder', '/api/orders', { ...market, clientOrderId: 'mine' });
  await check('submitOrder', '/api/orders', { ...market, clientOrderId: 'mine' });
  await check('cancelOrder', `/api/orders/${waiting.orderId}`);
  const limit = await check('submitOrder', '/api/orders', { ...market, type: 'limit', limitPrice: '500' });
  await check('amendOrder', `/api/orders/${limit.orderId}`, { limitPrice: '400', expiresAt: null });
  await check('cancelOrders', '/api/orders?status=open');
  await check('listOrders', '/api/orders?limit=2');
  await check('getQuote', '/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1');
  await check('getQuote', '/api/quotes?tokenIn=SOL&tokenOut=USDC&amountOut=1&explain=1');
  await check('listPrices', '/api/prices?tokenIn=SOL&tokenOut=USDC');
  for (const list of ['Tokens', 'Pools', 'Venues', 'Wallets'])
    await check(`list${list}`, `/api/${list.toLowerCase()}`);
  await check('getHealth', '/health');
  await check('getLiveness', '/livez');
  await check('getReadiness', '/readyz');
  await check('getOpenApi', '/openapi.json');
  await check('getAsyncApi', '/asyncapi.json');
  const unseen = operations()
    .map(({ id }) => id)
    .filter((id) => !seen.has(id));
  expect(unseen).toEqual(['reviewOrder']); // Its answer is an order; review-order.test.ts has the case.
});

/** `GET /path/{parameter}` of each route that Fastify prints; HEAD comes with every GET. */
function routesOf(tree: string): string[] {
  const branch: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const match = /^([│├└─\s]*)(\S*)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (!match?.[1]) return [];
    const depth = match[1].length / 4 - 1;
    branch.splice(depth, Number.POSITIVE_INFINITY, match[2] ?? '');
    const path = branch.join('').replace(/:(\w+)/g, '{$1}');
    const methods = match[3]?.split(', ').filter((method) => method !== 'HEAD') ?? [];
    return methods.map((method) => `${method} ${path}`);
  });
}
