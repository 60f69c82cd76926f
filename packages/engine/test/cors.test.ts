import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ACCOUNT } from '../src/api/account.ts';
import type { AppOptions } from '../src/api/app.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

const PAGE = 'https://trade.example';
const STRANGER = 'https://evil.example';
const KEY = 'k'.repeat(32);
const ASKS = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
const ORDER = { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1', slippageTolerance: 0.5 };

let world: TestWorld;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  world = await createWorld();
  await world.start();
});
afterEach(async () => {
  await app.close();
  await world.stop();
});

const listen = async (options: Partial<AppOptions> = {}): Promise<void> => {
  ({ app, url } = await serveTestApp(world.engine, { origins: [PAGE, 'http://localhost:5173'], ...options }));
};

const call = (path: string, { method = 'GET', ...headers }: Record<string, string> = {}, body?: object) =>
  fetch(url + path, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });

const namesOf = (list: string | null): string[] => (list ?? '').toLowerCase().split(', ').sort();

describe('a page of an allowed origin', () => {
  test('gets its preflight answered, without a key where the engine requires one', async () => {
    await listen({ apiKey: KEY });
    const response = await call('/api/orders/execute', { method: 'OPTIONS', origin: PAGE, ...ASKS });
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(response.headers.get('vary')).toBe('Origin');
    expect(namesOf(response.headers.get('access-control-allow-methods'))).toEqual([
      ...['delete', 'get', 'patch', 'post'],
    ]);
    expect(namesOf(response.headers.get('access-control-allow-headers'))).toEqual([
      'authorization',
      'content-type',
      'idempotency-key',
      'if-match',
      'last-event-id',
      'prefer',
    ]);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    await expect(world.engine.orders.list({ accountId: ACCOUNT, limit: 1 })).resolves.toEqual([]);
  });

  test('reads answers and their headers, refusals, pages that do not exist and server-sent events', async () => {
    await listen();
    const created = await call('/api/orders/execute', { method: 'POST', origin: PAGE }, ORDER);
    expect(created.status).toBe(201);
    expect(namesOf(created.headers.get('access-control-expose-headers'))).toEqual(
      expect.arrayContaining(['etag', 'location', 'ratelimit', 'retry-after', 'x-request-id']),
    );
    const { orderId } = (await created.json()) as { orderId: string };
    const events = { origin: PAGE, accept: 'text/event-stream' };
    for (const response of [
      created,
      await call('/api/orders/execute', { method: 'POST', origin: PAGE }, {}),
      await call('/api/nothing', { origin: PAGE }),
      await call(`/api/orders/${orderId}/events`, events),
    ]) {
      expect(response.headers.get('access-control-allow-origin')).toBe(PAGE);
      expect(response.headers.get('vary')).toBe('Origin');
    }
  });

  test('needs the key like every client', async () => {
    await listen({ apiKey: KEY });
    const refused = await call('/api/orders', { origin: PAGE });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, PAGE]);
    expect((await call('/api/orders', { origin: PAGE, authorization: `Bearer ${KEY}` })).status).toBe(200);
  });

  test('opens sockets, as do those of every listed origin', async () => {
    await listen();
    for (const origin of [PAGE, 'http://localhost:5173']) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/stream`, { headers: { origin } });
      const [frame] = await once(socket, 'message');
      expect(String(frame)).toContain('stream.opened');
      socket.close();
    }
  });

  test('may be served by a proxy on this machine under its own name', async () => {
    await listen();
    const get = (host: string) =>
      app.inject({ url: '/api/orders', headers: { host, origin: `http://${host}` } });
    expect((await get('trade.example')).statusCode).toBe(200);
    expect((await get('evil.example')).json()).toMatchObject({ code: 'forbidden_host' });
  });
});

describe('a page of any other origin', () => {
  test.each([
    STRANGER,
    'null',
    'https://trade.example:8443',
    'http://trade.example',
    'https://trade.example.evil.example',
  ])('is refused before and after a preflight, and on sockets: %s', async (origin) => {
    await listen({ host: '0.0.0.0' });
    const all = [
      await call('/api/orders/execute', { method: 'OPTIONS', origin, ...ASKS }),
      await call('/api/orders/execute', { method: 'POST', origin }, ORDER),
    ];
    for (const response of all) {
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'forbidden_origin' });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(await world.engine.orders.list({ accountId: ACCOUNT, limit: 1 })).toEqual([]);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/stream`, { headers: { origin } });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
  });

  test('is refused when no origin is listed, and no answer mentions origins', async () => {
    await listen({ origins: [] });
    expect((await call('/api/orders', { method: 'OPTIONS', origin: PAGE, ...ASKS })).status).toBe(403);
    const own = await call('/api/orders', { origin: url });
    expect(own.status).toBe(200);
    expect([...own.headers.keys()].filter((name) => /vary|access-control/.test(name))).toEqual([]);
  });

  test('is refused under a public name that was rebound to this engine, where no key is required', async () => {
    await listen({ host: '0.0.0.0' });
    const submit = (host: string, headers: Record<string, string>) =>
      app.inject({
        method: 'POST',
        url: '/api/orders/execute',
        headers: { host, ...headers },
        payload: ORDER,
      });
    const refused = await submit('evil.example:3000', { origin: 'http://evil.example:3000' });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'forbidden_host']);
    expect(await world.engine.orders.list({ accountId: ACCOUNT, limit: 1 })).toEqual([]);
    const headers = { host: 'evil.example:3000', origin: 'http://evil.example:3000' };
    const [error] = await once(
      new WebSocket(`${url.replace('http', 'ws')}/api/stream`, { headers }),
      'error',
    );
    expect(String(error)).toContain('403');

    for (const host of [
      'localhost:3000',
      '192.0.2.7:3000',
      '[2001:db8::7]:3000',
      'engine:3000',
      'trade.example',
    ])
      expect([host, (await submit(host, { origin: `http://${host}` })).statusCode]).toEqual([host, 201]);
    expect((await submit('engine.example', {})).statusCode).toBe(201); // No browser.
  });

  test('needs the key under any name, where one is set', async () => {
    await listen({ host: '0.0.0.0', apiKey: KEY });
    const headers = { host: 'engine.example', origin: 'https://engine.example' };
    expect((await app.inject({ url: '/api/orders', headers })).statusCode).toBe(401);
    const authorization = `Bearer ${KEY}`;
    expect(
      (await app.inject({ url: '/api/orders', headers: { ...headers, authorization } })).statusCode,
    ).toBe(200);
  });
});
