import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createChainIdentity } from '../../ports/chain-identity.ts';
import { createHttpClient } from '../system/http-client.ts';
import { createAccountReader } from './account-reader.ts';
import { createRpc } from './rpc.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A reader of a node that shows these accounts, by address: owner and text. */
async function readerOf(shown: Record<string, readonly [owner: string, text: string]>) {
  const encode = (address: string) => {
    const [owner, text] = shown[address] ?? [];
    return text === undefined ? null : { owner, data: [Buffer.from(text).toString('base64'), 'base64'] };
  };
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const [genesis, question] = JSON.parse(body);
    const value = (question.params[0] as string[]).map(encode);
    const answers = [
      { id: genesis.id, result: 'home' },
      { id: question.id, result: { context: { slot: 7 }, value } },
    ];
    response.end(JSON.stringify(answers));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const identity = createChainIdentity('home');
  return createAccountReader(
    createRpc({ http: createHttpClient(), name: 'node-1', url, timeoutMs: 2_000, identity }),
  );
}

test('reads owners and bytes in the order asked, and nothing where there is no account', async () => {
  const reader = await readerOf({ a: ['amm', 'first'], b: ['token', ''] });
  const { slot, accounts } = await reader.accounts(['b', 'missing', 'a']);
  expect(slot).toBe(7n);
  expect(accounts.map((one) => one && [one.owner, Buffer.from(one.data).toString()])).toEqual([
    ['token', ''],
    undefined,
    ['amm', 'first'],
  ]);
});

test('decodes an account again only if it has changed', async () => {
  const shown: Record<string, readonly [string, string]> = { a: ['amm', 'same'], b: ['amm', 'first'] };
  const reader = await readerOf(shown);
  const read = async () => (await reader.accounts(['a', 'b'])).accounts;
  const before = await read();
  shown.b = ['amm', 'second'];
  const after = await read();
  expect(after[0]).toBe(before[0]);
  expect(Buffer.from(after[1]?.data ?? []).toString()).toBe('second');
  shown.a = ['other', 'same'];
  delete shown.b;
  const last = await read();
  expect(last[0]?.owner).toBe('other');
  expect(last[1]).toBeUndefined();
});
