import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { AnotherChain } from '../../ports/chain.ts';
import { createChainIdentity } from '../../ports/chain-identity.ts';
import { createHttpClient } from '../system/http-client.ts';
import { toU64 } from './exact-json.ts';
import { createRpc } from './rpc.ts';

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const ask = { getSlot: 1, getBlockHeight: 2, getEpochInfo: 3, simulateTransaction: 4, getTransaction: 5 };
const answerTo = ({ id, method, params }: Request): object => ({
  id,
  result: method === 'getGenesisHash' ? 'home' : (params[0] ?? ask[method as keyof typeof ask]),
});

/** A node that answers a question with its first parameter, and what it was asked, request by request. */
async function startNode(
  answer: (body: Request[] | Request, response: ServerResponse) => object | undefined = (body) =>
    Array.isArray(body) ? body.map(answerTo) : answerTo(body),
) {
  const requests: string[][] = [];
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text) as Request[] | Request;
    requests.push([body].flat().map(({ method }) => method));
    const answers = answer(body, response);
    if (answers) response.end(JSON.stringify(answers));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const identity = createChainIdentity('home');
  const rpc = createRpc({ http: createHttpClient(), name: 'node-1', url, timeoutMs: 2_000, identity });
  const call = (method: string, param?: number) =>
    rpc.call(method, param === undefined ? [] : [param], toU64);
  const calls = (method: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => call(method, index)));
  return { rpc, call, calls, requests };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index));
const sizesOf = (requests: readonly string[][]) => requests.map(({ length }) => length - 1);

describe('the questions of one turn', () => {
  test('share a request and one question for the identity, if a node answers them from memory', async () => {
    const { call, requests } = await startNode();
    expect(await Promise.all([call('getSlot'), call('getBlockHeight'), call('getEpochInfo')])).toEqual([
      1n,
      2n,
      3n,
    ]);
    expect(requests).toEqual([['getGenesisHash', 'getSlot', 'getBlockHeight', 'getEpochInfo']]);
  });

  test('wait for none that takes longer, nor for a big answer', async () => {
    const { call, requests } = await startNode();
    const methods = ['getSlot', 'simulateTransaction', 'getProgramAccounts', 'simulateTransaction'];
    await Promise.all(
      [...methods, 'getProgramAccounts', 'getTransaction', 'getBlockHeight'].map((method) => call(method, 7)),
    );
    expect(requests.map((asked) => asked.slice(1).join()).sort()).toEqual([
      'getProgramAccounts',
      'getProgramAccounts',
      'getSlot,getBlockHeight',
      'getTransaction',
      'simulateTransaction,simulateTransaction',
    ]);
    expect(requests.every(([first]) => first === 'getGenesisHash')).toBe(true);
  });

  test('are no more in a request than its kind allows', async () => {
    const { calls, requests } = await startNode();
    expect(await calls('getSlot', 120)).toEqual(upTo(120));
    expect(sizesOf(requests)).toEqual([50, 50, 20]);
    requests.length = 0;
    expect(await calls('simulateTransaction', 25)).toEqual(upTo(25));
    expect(sizesOf(requests).sort()).toEqual([10, 10, 5]);
  });

  test('do not keep bytes that are sent', async () => {
    const { rpc, call, requests } = await startNode();
    await Promise.all([call('getSlot'), rpc.tell('sendTransaction', ['bytes'])]);
    expect(requests).toContainEqual(['sendTransaction']);
    expect(requests).toHaveLength(2);
  });
});

describe('an answer to several questions', () => {
  test('gives each its own, an error and a malformed one too', async () => {
    const bent = (one: Request): object => {
      if (one.params[0] === 1) return { id: one.id, error: { code: -32_007, message: 'skipped' } };
      return one.params[0] === 2 ? { id: one.id, result: 'no number' } : answerTo(one);
    };
    const { call } = await startNode((body) =>
      [body]
        .flat()
        .filter(({ params }) => params[0] !== 3)
        .map(bent)
        .reverse(),
    );
    const outcomes = await Promise.allSettled([0, 1, 2, 3, 4].map((param) => call('getSlot', param)));
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
      0n,
      'node-1: getSlot failed: skipped',
      'node-1: getSlot failed: the answer lacks a u64 where the interface requires it',
      'node-1: getSlot failed: the answer lacks an answer to each question where the interface requires it',
      4n,
    ]);
  });

  test('is none to any of them where it lacks the identity, or has that of another chain', async () => {
    let genesis: readonly object[] = [];
    const { calls } = await startNode((body) => [...[body].flat().slice(1).map(answerTo), ...genesis]);
    const reasons = async () =>
      (await Promise.allSettled([calls('getSlot', 1), calls('getBlockHeight', 1)])).map(
        (one) => one.status === 'rejected' && (one.reason as Error).message,
      );
    for (const reason of await reasons()) expect(reason).toContain('an answer to each question');
    genesis = [{ id: 0, result: 'away' }];
    for (const reason of await reasons()) expect(reason).toContain('the id of a question');
  });

  test('of another chain is an error of each of them', async () => {
    const { calls } = await startNode((body) =>
      [body]
        .flat()
        .map((one) => (one.method === 'getGenesisHash' ? { id: one.id, result: 'away' } : answerTo(one))),
    );
    for (const one of await Promise.allSettled([calls('getSlot', 1), calls('getBlockHeight', 1)]))
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(AnotherChain) });
  });
});

describe('a node that takes fewer questions', () => {
  test.each([
    ['with HTTP 413', (response: ServerResponse) => void response.writeHead(413).end()],
    [
      'in words',
      (response: ServerResponse) =>
        void response.end('{"error":{"code":-32005,"message":"batch limit exceeded"}}'),
    ],
  ])('is asked fewer from then on: it refuses more %s', async (_, refuse) => {
    const { calls, requests } = await startNode((body, response) => {
      if (!Array.isArray(body)) return answerTo(body);
      return body.length <= 12 ? body.map(answerTo) : refuse(response);
    });
    expect(await calls('getSlot', 40)).toEqual(upTo(40));
    requests.length = 0;
    expect(await calls('getSlot', 40)).toEqual(upTo(40));
    expect(sizesOf(requests)).toEqual([10, 10, 10, 10]);
  });

  test('one per request, is asked each between two of the identity', async () => {
    const { calls, requests } = await startNode((body, response) => {
      if (!Array.isArray(body)) return answerTo(body);
      return void response.writeHead(400).end();
    });
    expect(await calls('getSlot', 3)).toEqual(upTo(3));
    requests.length = 0;
    expect(await calls('getSlot', 2)).toEqual(upTo(2));
    expect(requests.map(([method]) => method).sort()).toEqual([
      ...['getGenesisHash', 'getGenesisHash', 'getGenesisHash', 'getGenesisHash'],
      ...['getSlot', 'getSlot'],
    ]);
  });

  test('none at all, is not asked for all of them, and for many again once it takes them', async () => {
    let isClosed = true;
    const { calls, requests } = await startNode((body, response) =>
      isClosed ? void response.writeHead(403).end() : [body].flat().map(answerTo),
    );
    await expect(calls('getSlot', 40)).rejects.toThrow('HTTP 403');
    expect(requests.length).toBeLessThan(10);
    isClosed = false;
    requests.length = 0;
    expect(await calls('getSlot', 40)).toEqual(upTo(40));
    expect(sizesOf(requests)).toEqual([40]);
  });
});
