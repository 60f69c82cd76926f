import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { AnotherChain, ChainUnavailable } from '../../ports/chain.ts';
import { createChainIdentity } from '../../ports/chain-identity.ts';
import { createHttpClient } from '../system/http-client.ts';
import { toText } from './exact-json.ts';
import { createRpc } from './rpc.ts';
import { createRpcTransport } from './rpc-transport.ts';

interface Request {
  readonly id: number;
  readonly method: string;
}

const http = createHttpClient();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a server; resolves with its address and the bodies of its requests. */
async function serve(answer: (body: Request | Request[], response: ServerResponse) => void) {
  const bodies: (Request | Request[])[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = JSON.parse(text) as Request | Request[];
      bodies.push(body);
      answer(body, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

const results: Record<string, string> = { getGenesisHash: 'home', getHealth: 'ok' };
const right = ({ id, method }: Request) => ({ jsonrpc: '2.0', id, result: results[method] });

function rpcAt(url: string) {
  const identity = createChainIdentity('home');
  const rpc = createRpc({ http, name: 'node-1', url, timeoutMs: 2_000, identity });
  return { identity, rpc, ask: () => rpc.call('getHealth', [], toText) };
}

const methodsOf = (bodies: readonly (Request | Request[])[]) =>
  bodies.map((body) => (Array.isArray(body) ? body.map(({ method }) => method) : body.method));

describe('a request', () => {
  test('is sent together with an identity request', async () => {
    const { url, bodies } = await serve((body, response) =>
      response.end(JSON.stringify((body as Request[]).map(right))),
    );
    expect(await rpcAt(url).ask()).toBe('ok');
    expect(methodsOf(bodies)).toEqual([['getGenesisHash', 'getHealth']]);
  });

  test('has no answer at a node of another chain, which is distrusted from then on', async () => {
    const { url } = await serve((body, response) =>
      response.end(
        JSON.stringify(
          (body as Request[]).map((one) =>
            // A stranger's refusal says nothing either.
            one.method === 'getHealth'
              ? { id: one.id, error: { code: -1, message: 'no' } }
              : { ...right(one), result: 'away' },
          ),
        ),
      ),
    );
    const { ask, identity } = rpcAt(url);
    await expect(ask()).rejects.toThrow(AnotherChain);
    await expect(ask()).rejects.toThrow('node-1 answers for the chain with genesis away, not for home');
    expect([...identity.strangers.keys()]).toEqual(['node-1']);
  });

  test.each([
    ['with an HTTP status', (response: ServerResponse) => response.writeHead(403).end('no batches')],
    [
      'as one bad request',
      (response: ServerResponse) => response.end('{"id":null,"error":{"code":-32600,"message":"bad"}}'),
    ],
    [
      'in words',
      (response: ServerResponse) => response.end('{"error":{"code":-32000,"message":"Batch size over 1"}}'),
    ],
  ])('is sent between two identity requests where a node refuses batches %s', async (_, refuse) => {
    const { url, bodies } = await serve((body, response) => {
      if (Array.isArray(body)) refuse(response);
      else response.end(JSON.stringify(right(body)));
    });
    const { ask } = rpcAt(url);
    expect(await ask()).toBe('ok');
    expect(await ask()).toBe('ok');
    const one = ['getGenesisHash', 'getHealth', 'getGenesisHash'];
    expect(methodsOf(bodies)).toEqual([['getGenesisHash', 'getHealth'], ...one, ...one]);
  });

  test("has no answer where the second genesis hash is another chain's", async () => {
    let asked = 0;
    const { url } = await serve((body, response) => {
      if (Array.isArray(body)) return response.writeHead(403).end();
      asked += 1;
      response.end(JSON.stringify(asked < 3 ? right(body) : { ...right(body), result: 'away' }));
    });
    await expect(rpcAt(url).ask()).rejects.toThrow(AnotherChain);
  });

  test('is sent in a batch again after an error that is not a refusal of batches', async () => {
    const { url, bodies } = await serve((_body, response) =>
      response.end('{"id":null,"error":{"code":-32005,"message":"Node is behind"}}'),
    );
    const { ask } = rpcAt(url);
    await expect(ask()).rejects.toThrow('Node is behind');
    await expect(ask()).rejects.toThrow('Node is behind');
    expect(bodies.every(Array.isArray)).toBe(true);
  });
});

describe('an answer', () => {
  test.each<[string, (answers: ReturnType<typeof right>[]) => unknown[], string]>([
    ['that lacks one of them', ([genesis]) => [genesis], 'an answer to each question'],
    ['with one twice', ([genesis]) => [genesis, genesis], 'an id of its own'],
    ['to another question', ([genesis, one]) => [genesis, { ...one, id: 999 }], 'the id of a question'],
    [
      'with an id of another type',
      ([genesis, one]) => [genesis, { ...one, id: String(one!.id) }],
      'the id of a question',
    ],
    ['without ids', (all) => all.map(({ id: _, ...one }) => one), 'the id of a question'],
    ['with more than was asked', (all) => [...all, { ...all[0], id: 999 }], 'the id of a question'],
  ])('to two requests %s is refused', async (_, bend, why) => {
    const { url } = await serve((body, response) =>
      response.end(JSON.stringify(bend((body as Request[]).map(right)))),
    );
    const { ask } = rpcAt(url);
    await expect(ask()).rejects.toThrow(ChainUnavailable);
    await expect(ask()).rejects.toThrow(why);
  });

  test('to two requests may come in any order', async () => {
    const { url } = await serve((body, response) =>
      response.end(JSON.stringify((body as Request[]).map(right).reverse())),
    );
    expect(await rpcAt(url).ask()).toBe('ok');
  });

  test('to one request with the id of another is refused', async () => {
    const { url } = await serve((body, response) =>
      response.end(JSON.stringify({ ...right(body as Request), id: 999 })),
    );
    await expect(rpcAt(url).rpc.identify()).rejects.toThrow('the id of its question');
  });
});

describe('the connection to a node', () => {
  test('follows no redirect', async () => {
    const elsewhere = await serve((body, response) => response.end(JSON.stringify([body].flat().map(right))));
    const { url } = await serve((_body, response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    await expect(rpcAt(url).ask()).rejects.toThrow('HTTP 307: redirects are not followed');
    expect(elsewhere.bodies).toEqual([]);
  });

  test('refuses an answer above the size limit, with or without a content length', async () => {
    const { url } = await serve((_body, response) => {
      response.write('{"result":"');
      response.end('x'.repeat(200_000));
    });
    const transport = createRpcTransport({ http, url, timeoutMs: 2_000, maxAnswerBytes: 100_000 });
    await expect(transport.ask({ method: 'getHealth', params: [] })).rejects.toThrow(
      'longer than 100000 bytes',
    );
  });

  test('pauses as long as the node asks for, and no longer', async () => {
    let isBusy = true;
    const { url, bodies } = await serve((body, response) => {
      if (isBusy) response.writeHead(429, { 'retry-after': '1' }).end();
      else response.end(JSON.stringify((body as Request[]).map(right)));
    });
    const { ask } = rpcAt(url);
    const startedAtMs = performance.now();
    await expect(ask()).rejects.toThrow('HTTP 429');
    isBusy = false;
    await expect(ask()).rejects.toThrow('asked for a rest of another');
    expect(bodies).toHaveLength(1);
    await expect.poll(() => ask().catch(() => null), { timeout: 10_000, interval: 50 }).toBe('ok');
    expect(performance.now() - startedAtMs).toBeGreaterThan(1_000);
    expect(bodies).toHaveLength(2);
  });

  test('an error without a pause does not end the pause of another answer', async () => {
    const { url, bodies } = await serve((_body, response) => {
      if (bodies.length === 1) response.writeHead(429, { 'retry-after': '30' }).end();
      else setTimeout(() => response.writeHead(503).end(), 50);
    });
    const { rpc } = rpcAt(url);
    const ask = () => rpc.call('getProgramAccounts', [], String); // Each in a request of its own.
    expect(await Promise.allSettled([ask(), ask()])).toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
    await expect(ask()).rejects.toThrow('asked for a rest');
    expect(bodies).toHaveLength(2);
  });

  test.each([
    ['a date', () => new Date(Date.now() + 30_000).toUTCString(), true],
    ['a date that is past', () => new Date(Date.now() - 30_000).toUTCString(), false],
    ['no time at all', () => 'soon', false],
  ])('reads %s in Retry-After', async (_, value, rests) => {
    const { url, bodies } = await serve((_body, response) =>
      response.writeHead(503, { 'retry-after': value() }).end(),
    );
    const { ask } = rpcAt(url);
    await expect(ask()).rejects.toThrow('HTTP 503');
    await expect(ask()).rejects.toThrow(rests ? 'asked for a rest' : 'HTTP 503');
    expect(bodies).toHaveLength(rests ? 1 : 2);
  });
});
