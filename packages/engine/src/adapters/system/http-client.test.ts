import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../ports/http-client.ts';
import { createHttpClient } from './http-client.ts';

// Of this test alone, signed by itself.
const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZssTllgePDqPj4mx
xa25yNIsbdZl7PHH1hJsy4DLbwehRANCAAQPvB0AYFHRGLEGJjsFAonQ+Zzts0H/
YXtDuJwpZP3CZSH4qfmQcYNRz/fRyj1hsEmLzXHih999aJ2jcqrr9qmT
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUGE2nAiVxZoNTggxQyfDO1MDQzs4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDE2MzQyOVoYDzIxMjYxMTA2
MTYzNDI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQPvB0AYFHRGLEGJjsFAonQ+Zzts0H/YXtDuJwpZP3CZSH4qfmQcYNR
z/fRyj1hsEmLzXHih999aJ2jcqrr9qmTo28wbTAdBgNVHQ4EFgQUBJiwyN7ACPq+
Jzov0kT6sbptCQowHwYDVR0jBBgwFoAUBJiwyN7ACPq+Jzov0kT6sbptCQowDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhALBeVHFAgML25CDM5AcT63UDm41s2vvzSlB8tvGxKSJ4AiB+
IiH1gcqwljrfr8Kj/2soUtnrQExGqyZNLsQimKW1iw==
-----END CERTIFICATE-----`,
};

const servers: (Server | SecureServer)[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen<S extends Server | SecureServer>(server: S, scheme = 'http') {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    url: new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/path?key=1`),
  };
}

/** A server that reads each request whole; counts its connections. */
async function serve(answer: RequestListener) {
  const connections: Socket[] = [];
  const bodies: string[] = [];
  const { url, server } = await listen(
    createServer((request: IncomingMessage, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        bodies.push(text);
        answer(request, response);
      });
    }),
  );
  server.on('connection', (socket: Socket) => connections.push(socket));
  return { url, bodies, connections };
}

function clientOf(url: URL) {
  const http = createHttpClient();
  return (request: Partial<HttpRequest> = {}) =>
    http({
      method: 'POST',
      url,
      headers: {},
      body: 'asked',
      timeoutMs: 2_000,
      maxBytes: 100_000,
      ...request,
    });
}

describe('an answer', () => {
  test('has its status, its headers and its body', async () => {
    const { url, bodies } = await serve((request, response) => {
      response.writeHead(418, { 'X-Method': request.method });
      response.end(`${request.url} grün`);
    });
    const answer = await clientOf(url)({ body: 'grün?' });
    expect(answer).toMatchObject({ status: 418, body: '/path?key=1 grün' });
    expect([answer.header('x-method'), answer.header('x-other')]).toEqual(['POST', null]);
    expect(bodies).toEqual(['grün?']);
  });

  test('that redirects is an answer like any other', async () => {
    const { url, bodies } = await serve((_, response) =>
      response.writeHead(307, { location: '/elsewhere' }).end(),
    );
    expect(await clientOf(url)()).toMatchObject({ status: 307, body: '' });
    expect(bodies).toHaveLength(1);
  });

  test('is unpacked', async () => {
    const { url } = await serve((request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(`takes ${request.headers['accept-encoding']}`));
    });
    const answer = await clientOf(url)({ headers: { 'accept-encoding': 'gzip' } });
    expect(answer.body).toBe('takes gzip');
  });

  test('of several chunks is joined, a character between two of them too', async () => {
    const { url } = await serve((_, response) => {
      const bytes = Buffer.from('grün');
      response.write(bytes.subarray(0, 3));
      setTimeout(() => response.end(bytes.subarray(3)), 20);
    });
    expect((await clientOf(url)()).body).toBe('grün');
  });

  test.each<[string, RequestListener]>([
    [
      'announced',
      (_, response) => response.writeHead(200, { 'content-length': 200_000 }).end('x'.repeat(200_000)),
    ],
    ['in chunks', (_, response) => response.write('x') && response.end('x'.repeat(200_000))],
    [
      'packed',
      (_, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(200_000))),
    ],
  ])('that is too long is an error: %s', async (_, answer) => {
    const { url } = await serve(answer);
    await expect(clientOf(url)()).rejects.toMatchObject({ name: 'HttpFailure', kind: 'tooLong' });
  });

  test.each<[string, RequestListener]>([
    ['ends in the middle', (_, response) => response.write('half', () => response.destroy())],
    ['is packed wrongly', (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no')],
  ])('that %s is an error', async (_, answer) => {
    const { url } = await serve(answer);
    await expect(clientOf(url)()).rejects.toMatchObject({ name: 'HttpFailure', kind: 'unreachable' });
  });
});

describe('a request', () => {
  test.each<[string, RequestListener]>([
    ['without headers', () => undefined],
    ['without an end', (_, response) => response.write('never')],
    [
      'that trickles',
      (_, response) => {
        const drop = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(drop));
      },
    ],
  ])('ends at its timeout: an answer %s', async (_, answer) => {
    const { url, connections } = await serve(answer);
    const startedAtMs = performance.now();
    await expect(clientOf(url)({ timeoutMs: 150 })).rejects.toMatchObject({ kind: 'timeout' });
    expect(performance.now() - startedAtMs).toBeLessThan(1_500);
    await expect.poll(() => connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('ends when its signal aborts, and is not sent if the signal had aborted before', async () => {
    const { url, bodies } = await serve(() => undefined);
    const ended = new AbortController();
    const asked = clientOf(url)({ signal: ended.signal });
    await expect.poll(() => bodies).toHaveLength(1);
    ended.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'timeout' });
    await expect(clientOf(url)({ signal: ended.signal })).rejects.toMatchObject({ kind: 'timeout' });
    expect(bodies).toHaveLength(1);
  });

  test('carries the user and the password of its address', async () => {
    const { url } = await serve((request, response) => response.end(request.headers.authorization));
    url.username = 'user';
    url.password = 'p@ss';
    const expected = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect((await clientOf(url)()).body).toBe(expected);
  });

  test('of another protocol, or to a port without a server, fails', async () => {
    const { url, server } = await listen(createServer());
    server.close();
    await expect(clientOf(url)()).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(clientOf(new URL('ftp://127.0.0.1/'))()).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('over HTTPS refuses a self-signed certificate', async () => {
    const { url } = await listen(
      createSecureServer(SELF_SIGNED, (_, response) => response.end('secret')),
      'https',
    );
    await expect(clientOf(url)()).rejects.toThrow(/self-signed certificate/);
  });
});

describe('a connection', () => {
  test('serves one request after another', async () => {
    const { url, connections } = await serve((_, response) => response.end('ok'));
    const ask = clientOf(url);
    for (let asked = 0; asked < 5; asked += 1) expect((await ask()).body).toBe('ok');
    expect(connections).toHaveLength(1);
  });

  test('that the server closes as a request arrives is replaced, and the request is sent again', async () => {
    let isClosing = false;
    const { url, bodies, connections } = await serve((request, response) => {
      if (isClosing) {
        isClosing = false;
        request.socket.destroy();
      } else response.end('ok');
    });
    const ask = clientOf(url);
    await ask();
    isClosing = true;
    expect((await ask()).body).toBe('ok');
    expect(bodies).toHaveLength(3);
    expect(connections).toHaveLength(2);
  });

  test('that is closed at its first request, or twice, is an error', async () => {
    let keeps = 0;
    const { url, bodies } = await serve((request, response) => {
      keeps -= 1;
      if (keeps < 0) request.socket.destroy();
      else response.end('ok');
    });
    const ask = clientOf(url);
    await expect(ask()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(bodies).toHaveLength(1);
    keeps = 1;
    await ask();
    await expect(ask()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(bodies).toHaveLength(4);
  });

  test('that breaks after a byte of the answer is an error, and the request is not sent again', async () => {
    let breaks = false;
    const { url, bodies } = await serve((request, response) => {
      if (breaks) request.socket.write('HTTP/1.1 200', () => request.socket.destroy());
      else response.end('ok');
    });
    const ask = clientOf(url);
    await ask();
    breaks = true;
    await expect(ask()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(bodies).toHaveLength(2);
  });
});
