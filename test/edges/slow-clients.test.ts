import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EngineProcess, freePort, startEngineProcess } from '../support/engine-process.ts';
import { call, newOrder } from '../support/http-client.ts';
import { lines, openRaw, type RawClient, upgrade } from '../support/raw-client.ts';

const KEY = 'k'.repeat(32);
const AUTHORIZATION = `authorization: Bearer ${KEY}`;
const CLIENTS = 40;
const REQUEST_TIMEOUT_MS = 6_000;
const STREAM_PING_MS = 2_000;
/** Far beyond every deadline of this engine. */
const PATIENCE_MS = 60_000;

let directory: string;
let engine: EngineProcess;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'oee-slow-'));
  // Slots so long that an order is quiet for longer than a client is tolerated.
  const env = {
    API_KEY: KEY,
    DEVNET_SLOT_MS: '60000',
    MAX_CONNECTIONS: '200',
    REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
    STREAM_PING_MS: String(STREAM_PING_MS),
  };
  engine = await startEngineProcess({
    dataDir: directory,
    port: await freePort(),
    devnetPort: await freePort(),
    env,
  });
}, 120_000);
afterAll(async () => {
  await engine?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const head = (...headers: readonly string[]): string =>
  lines(
    'POST /api/orders HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json',
    'content-length: 5000',
    ...headers,
  );

/** Sends a byte a second for as long as it may. */
function trickle({ socket, ended }: RawClient): void {
  const timer = setInterval(() => socket.write('x'), 1_000);
  void ended.then(() => clearInterval(timer));
}

async function open(count: number, first: string): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => openRaw(engine.url, first)));
}

const patience = async (clients: readonly RawClient[]): Promise<string> => {
  const all = Promise.all(clients.map(({ ended }) => ended)).then(() => 'closed');
  return Promise.race([all, sleep(PATIENCE_MS, 'still open', { ref: false })]);
};

test('connections with slow headers, slow bodies, and slow bodies that are answered already, are closed in time', async () => {
  const refused = await open(CLIENTS, head());
  const welcome = await open(CLIENTS, head(AUTHORIZATION));
  const headless = await open(CLIENTS / 4, 'POST /api/orders HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ');
  const silent = await open(CLIENTS / 4, '');
  const all = [...refused, ...welcome, ...headless];
  for (const client of all) trickle(client);
  expect(await patience([...all, ...silent])).toBe('closed');
  for (const { text } of refused) expect(text()).toMatch(/^HTTP\/1\.1 401 /);
  for (const { text } of [...welcome, ...headless, ...silent])
    expect(text()).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
}, 240_000);

test('sockets that never read and answer no ping are closed, whatever they subscribed to', async () => {
  const { body } = await call(`${engine.url}/api/orders`, {
    body: newOrder('quiet'),
    headers: { authorization: `Bearer ${KEY}` },
  });
  const paths = [
    `/api/orders/${body.orderId}/stream`,
    `/api/orders/${body.orderId}/stream?after=1`,
    '/api/stream',
    `/ws?orderId=${body.orderId}`,
    '/api/orders/status',
  ];
  const clients = await Promise.all(
    paths.map(async (path) => {
      const client = await openRaw(engine.url, upgrade(path, AUTHORIZATION));
      await once(client.socket, 'data');
      client.socket.pause();
      return client;
    }),
  );
  await sleep(5 * STREAM_PING_MS);
  // Who reads again finds the end at once: the engine has let go of it.
  for (const { socket } of clients) socket.resume();
  const ended = Promise.all(clients.map((client) => client.ended)).then(() => 'closed');
  expect(await Promise.race([ended, sleep(5_000, 'still open')])).toBe('closed');
}, 240_000);

test('a request with two Hosts is refused', async () => {
  const client = await openRaw(
    engine.url,
    lines('GET /livez HTTP/1.1', 'host: 127.0.0.1', 'Host: localhost', 'connection: close'),
  );
  await client.ended;
  expect(client.text()).toMatch(/^HTTP\/1\.1 400 [\s\S]*"detail":"Host is there more than once\."/);
});

test('connections beyond the bound get a refusal, and the others are served', async () => {
  const ask = lines('GET /livez HTTP/1.1', 'host: 127.0.0.1');
  const served = await open(200, ask);
  await Promise.all(served.map(async ({ socket, text }) => text() || once(socket, 'data')));
  const refused = await open(20, ask);
  expect(await Promise.all(refused.map(({ ended }) => ended))).toEqual(refused.map(() => null));
  for (const { text } of served) expect(text()).toMatch(/^HTTP\/1\.1 200 /);
  for (const { text } of refused)
    expect(text()).toMatch(/^HTTP\/1\.1 503 [\s\S]*"code":"too_many_connections"/);
  for (const { socket } of served) socket.destroy();
  await sleep(500);
  expect((await call(`${engine.url}/livez`)).status).toBe(200);
}, 60_000);
