import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { toSignature } from '../../domain/signature.ts';
import { ChainUnavailable } from '../../ports/chain.ts';
import { createChainIdentity } from '../../ports/chain-identity.ts';
import { createHttpClient } from '../system/http-client.ts';
import { createRpc } from './rpc.ts';
import { toChainNode } from './rpc-node.ts';
import type { RpcError } from './rpc-transport.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: unknown[];
}

const identity = createChainIdentity('home');
const http = createHttpClient();

/** A node of our chain that answers every other question with the same; null never answers. */
async function nodeAnswering(status: number, body: string | null, timeoutMs = 1_000) {
  const requests: Request[] = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const asked = JSON.parse(text) as Request | Request[];
      requests.push(...[asked].flat());
      if (body === null) return;
      const answers = [asked].flat().map(({ id, method }) => {
        const answer = method === 'getGenesisHash' ? '{"result":"home"}' : body;
        return answer.startsWith('{') ? answer.replace('{', `{"id":${id},`) : answer;
      });
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(Array.isArray(asked) ? `[${answers.join(',')}]` : answers[0]);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/?api-key=secret-key-1234`;
  return { node: toChainNode(createRpc({ http, name: 'node-1', url, timeoutMs, identity })), requests };
}

const result = (value: unknown) => JSON.stringify({ jsonrpc: '2.0', result: value });

test.each([
  ['a rate limit', 429, 'Too many requests'],
  ['a server error', 503, ''],
  ['no JSON', 200, '<html>'],
  ['an RPC error', 200, '{"jsonrpc":"2.0","error":{"code":-32005,"message":"Node is behind"}}'],
  ['a malformed answer', 200, result({ context: {} })],
  ['no result', 200, '{}'],
])('%s is not an answer', async (_, status, body) => {
  const { node } = await nodeAnswering(status, body);
  await expect(node.latestBlockhash()).rejects.toThrow(ChainUnavailable);
  await expect(node.signatureStatuses([toSignature('a')], { searchHistory: true })).rejects.toThrow(
    ChainUnavailable,
  );
  await expect(node.finalizedEpoch()).rejects.toThrow(ChainUnavailable);
});

test.each(['0OIl', '', 'abc'])('the blockhash %j is not an answer', async (blockhash) => {
  const value = { blockhash, lastValidBlockHeight: 7 };
  const { node } = await nodeAnswering(200, result({ context: { slot: 1 }, value }));
  await expect(node.latestBlockhash()).rejects.toThrow(ChainUnavailable);
});

test('a rehearsal for which the node has no blockhash proves nothing about the swap', async () => {
  const value = { err: 'BlockhashNotFound', logs: [] };
  const { node } = await nodeAnswering(200, result({ context: { slot: 1 }, value }));
  await expect(node.simulate(new Uint8Array(8))).rejects.toThrow(ChainUnavailable);
});

test("keeps the node's own error as cause", async () => {
  const { node } = await nodeAnswering(200, '{"error":{"code":-32005,"message":"Node is behind"}}');
  const error = (await node.firstAvailableSlot().catch((thrown: unknown) => thrown)) as ChainUnavailable;
  expect(error.message).toBe('node-1: getFirstAvailableBlock failed: Node is behind');
  expect(error.cause).toMatchObject({ name: 'RpcError', code: -32005 } satisfies Partial<RpcError>);
});

test('a silent node is unavailable after the timeout', async () => {
  const { node } = await nodeAnswering(200, null, 50);
  await expect(node.latestBlockhash()).rejects.toThrow(ChainUnavailable);
});

test.each([
  'http://127.0.0.1:1/?api-key=secret-key-1234',
  'http://user:secret-key-1234@127.0.0.1:1/',
  'not a url secret-key-1234',
  'http://127.0.0.1:99999/secret-key-1234',
])('the URL %s is in no error', async (url) => {
  const node = toChainNode(createRpc({ http, name: 'node-1', url, timeoutMs: 1_000, identity }));
  const error = (await node.latestBlockhash().catch((thrown: unknown) => thrown)) as Error;
  expect(error).toBeInstanceOf(ChainUnavailable);
  const cause = error.cause as Error;
  expect(`${error.stack} ${cause.stack} ${JSON.stringify(cause)} ${String(cause.cause)}`).not.toContain(
    'secret-key-1234',
  );
});

test('a missing status is null and a wrong number of them is no answer', async () => {
  const { node } = await nodeAnswering(200, result({ context: { slot: 7 }, value: [null] }));
  const options = { searchHistory: true };
  expect(await node.signatureStatuses([toSignature('a')], options)).toEqual({
    contextSlot: 7n,
    statuses: [null],
  });
  await expect(node.signatureStatuses([toSignature('a'), toSignature('b')], options)).rejects.toThrow(
    ChainUnavailable,
  );
});

test('sends without preflight and without retries of the node', async () => {
  const { node, requests } = await nodeAnswering(200, result('signature'));
  await node.send(Uint8Array.of(1, 2, 3));
  expect(requests).toMatchObject([
    {
      method: 'sendTransaction',
      params: ['AQID', { encoding: 'base64', skipPreflight: true, maxRetries: 0 }],
    },
  ]);
});

test('reads balances above 2^53, and those of accounts from lookup tables', async () => {
  const body = `{"result":{"slot":9,"transaction":{"signatures":["s"],"message":{
    "accountKeys":["payer","vault","MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"],
    "instructions":[{"programIdIndex":1,"data":""},{"programIdIndex":2,"data":"8wr"}]}},"meta":{
    "err":null,"fee":5000,"preBalances":[9007199254740993,1,1,2,3],"postBalances":[9007199254735993,1,1,2,3],
    "loadedAddresses":{"writable":["opened"],"readonly":["closed"]},
    "preTokenBalances":[{"accountIndex":1,"mint":"m","owner":"o","uiTokenAmount":{"amount":"18446744073709551615"}},
      {"accountIndex":4,"mint":"m","owner":"o","uiTokenAmount":{"amount":"4"}}],
    "postTokenBalances":[{"accountIndex":1,"mint":"m","owner":"o","uiTokenAmount":{"amount":"18446744073709551614"}},
      {"accountIndex":3,"mint":"m","owner":"o","uiTokenAmount":{"amount":"5"}}]}}}`;
  const { node } = await nodeAnswering(200, body);
  const landed = await node.transaction(toSignature('s'), 'finalized');
  expect(landed).toMatchObject({ slot: 9n, error: null, feeLamports: 5000n });
  expect(landed).toMatchObject({ signature: 's', payer: 'payer', memo: 'hi' });
  await expect(node.transaction(toSignature('another'), 'finalized')).rejects.toThrow(
    'lacks transaction another',
  );
  expect(landed?.lamports('payer')).toEqual({ before: 9007199254740993n, after: 9007199254735993n });
  expect(landed?.lamports('nobody')).toBeUndefined();
  expect(landed?.tokens('vault')).toMatchObject({
    before: 18446744073709551615n,
    after: 18446744073709551614n,
  });
  expect(landed?.tokens('opened')).toMatchObject({ before: 0n, after: 5n });
  expect(landed?.tokens('closed')).toMatchObject({ before: 4n, after: 0n });
  expect(landed?.tokens('payer')).toBeUndefined();
});
