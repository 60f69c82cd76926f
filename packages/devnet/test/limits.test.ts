import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { boundConnections, createSocketServer } from '../src/http/deadlines.ts';
import type { Devnet } from '../src/index.ts';
import { post, startManualDevnet } from './support/client.ts';

const KIB = 1024;

let devnet: Devnet;
beforeAll(async () => {
  devnet = await startManualDevnet({ market: 'none' });
});
afterAll(() => devnet?.stop());

async function open(url: string, text: string): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk)).on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return { socket, heard: () => heard };
}

const head = (path: string, length: number): string =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

test('every request of a batch that fills a body of 50 KiB is answered', async () => {
  const one = '{"jsonrpc":"2.0","id":1,"method":"getSlot"}';
  const count = Math.floor((50 * KIB - 2) / (one.length + 1));
  const ask = (text: string) =>
    fetch(devnet.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
  const answered = await ask(`[${Array.from({ length: count }, () => one).join()}]`);
  expect((await answered.json()) as unknown[]).toHaveLength(count);
  const refused = await ask(`[${Array.from({ length: count + 10 }, () => one).join()}]`);
  expect([refused.status, await refused.text()]).toEqual([413, 'The body is over 51200 bytes.']);
});

test('a body of the admin API above 256 KiB is refused', async () => {
  const { status, body } = await post(devnet, '/admin/fund', { owner: 'x'.repeat(256 * KIB) });
  expect([status, body]).toEqual([
    400,
    expect.objectContaining({ detail: 'The body is over 262144 bytes.' }),
  ]);
});

test('a body that is too large is answered before it has ended, and its connection is closed 5 s later', async () => {
  const { socket, heard } = await open(devnet.url, head('/', 10_000_000) + 'x'.repeat(60 * KIB));
  const sending = setInterval(() => socket.write('x'), 100);
  const startedAtMs = performance.now();
  await once(socket, 'close');
  clearInterval(sending);
  expect(heard()).toMatch(/^HTTP\/1\.1 413 /);
  expect(performance.now() - startedAtMs).toBeGreaterThan(4_000);
});

test('a frame above 1 MiB closes its socket with 1009', async () => {
  const socket = new WebSocket(devnet.wsUrl);
  await once(socket, 'open');
  socket.send('x'.repeat(KIB * KIB + 1));
  const [code] = await once(socket, 'close');
  expect(code).toBe(1009);
});

test('a socket that reads nothing is ended when its backlog reaches 8 MiB', async () => {
  const socket = new WebSocket(devnet.wsUrl, { perMessageDeflate: false });
  socket.on('error', () => {});
  await once(socket, 'open');
  const [closed, another] = [once(socket, 'close'), new WebSocket(devnet.wsUrl)];
  await once(another, 'open');
  socket.pause();
  // Each answer repeats the id. The kernel takes some 10 MB, and more than 8 MiB wait behind that.
  const id = 'x'.repeat(900 * KIB);
  const request = JSON.stringify({ jsonrpc: '2.0', id, method: 'none', params: [] });
  for (let count = 0; count < 40; count += 1) socket.send(request);
  await vi.waitFor(() => expect(socket.bufferedAmount).toBe(0), 10_000); // All of it was read.
  socket.resume();
  const [code] = await closed;
  expect(code).toBe(1006);
  expect(another.readyState).toBe(WebSocket.OPEN);
  another.close();
});

/** A port with limits that a test can reach. */
async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a port takes no more connections than its bound, and closes an idle one', async () => {
  const server = boundConnections(createServer(), { maxConnections: 3, silenceMs: 500 });
  const url = await listen(server);
  const first = await Promise.all([1, 2, 3].map(() => open(url, '')));
  const beyond = await open(url, '');
  await once(beyond.socket, 'close');
  const ends = first.map(({ socket }) => once(socket, 'close'));
  expect(first.every(({ socket }) => !socket.closed)).toBe(true);
  await Promise.all(ends);
  server.close();
});

test('a socket that answers no ping is ended at the next ping, and a socket that answers stays', async () => {
  const sockets = createSocketServer(KIB, 300);
  const server = createServer().on('upgrade', (request, socket, first) =>
    sockets.handleUpgrade(request, socket, first, (opened) => sockets.emit('connection', opened)),
  );
  const url = (await listen(server)).replace('http', 'ws');
  const [silent, lively] = [new WebSocket(url, { autoPong: false }), new WebSocket(url)];
  let pings = 0;
  lively.on('ping', () => (pings += 1));
  const [code] = await once(silent, 'close');
  expect(code).toBe(1006);
  await vi.waitFor(() => expect(pings).toBeGreaterThan(3), 10_000);
  expect(lively.readyState).toBe(WebSocket.OPEN);
  lively.terminate();
  sockets.close();
  server.close();
});
