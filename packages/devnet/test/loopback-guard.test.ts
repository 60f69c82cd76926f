import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Devnet } from '../src/index.ts';
import { startManualDevnet } from './support/client.ts';

let devnet: Devnet;

beforeAll(async () => {
  devnet = await startManualDevnet();
});
afterAll(() => devnet.stop());

async function statusWith(headers: Record<string, string>, method = 'POST', path = '/'): Promise<number> {
  const sent = request(new URL(path, devnet.url), {
    method,
    headers: { 'content-type': 'application/json', ...headers },
  });
  sent.end(method === 'POST' ? '{"jsonrpc":"2.0","id":1,"method":"getHealth"}' : undefined);
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

async function socketWith(headers: Record<string, string>, port = 0): Promise<string> {
  const url = new URL(devnet.wsUrl);
  url.port = String(Number(url.port) + port);
  const socket = new WebSocket(url, { headers });
  const outcome = new Promise<string>((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('unexpected-response', (_, response) => resolve(String(response.statusCode)));
    socket.on('error', (error) => resolve(error.message));
  });
  const result = await outcome;
  socket.terminate();
  return result;
}

test.each([
  [{ host: 'evil.example' }, 403],
  [{ host: 'evil.example:8899' }, 403],
  [{ host: '127.0.0.1.evil.example' }, 403],
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: 'http://localhost.evil.example' }, 403],
  [{ host: 'localhost' }, 200],
  [{ host: '[::1]:8899' }, 200],
  [{ origin: 'http://localhost:5173' }, 200],
  [{}, 200],
])('answers a request with %j by %i', async (headers, status) => {
  expect(await statusWith(headers)).toBe(status);
});

test('guards the admin API and the WebSocket alike', async () => {
  expect(await statusWith({ origin: 'https://evil.example' }, 'GET', '/admin/status')).toBe(403);
  expect(await statusWith({}, 'GET', '/admin/status')).toBe(200);
  expect(await socketWith({ origin: 'https://evil.example' })).toBe('403');
  expect(await socketWith({ host: 'evil.example' })).toBe('403');
  expect(await socketWith({})).toBe('open');
});

test('serves WebSocket on the next port too, where web3.js v1 looks for it', async () => {
  expect(await socketWith({}, 1)).toBe('open');
  expect(await socketWith({ origin: 'https://evil.example' }, 1)).toBe('403');
});

test('lets a page of this machine call it from a browser', async () => {
  const response = await fetch(devnet.url, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
});
