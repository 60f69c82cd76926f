import { once } from 'node:events';
import { type Address, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { signed, transfer } from '../support/client.ts';
import { ask, type Cluster, eventually, openCluster } from './cluster.ts';

const number = expect.any(Number);
const withContext = (value: unknown) => ({ context: { slot: number }, value });

let cluster: Cluster;
let payer: KeyPairSigner;
let socket: WebSocket;
// biome-ignore lint/suspicious/noExplicitAny: the raw wire has no types
let frames: any[];

beforeAll(async () => {
  cluster = await openCluster();
  payer = cluster.payer;
}, 60_000);
afterAll(() => cluster?.devnet?.stop());
beforeEach(async () => {
  frames = [];
  socket = new WebSocket(cluster.wsUrl);
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  await once(socket, 'open');
});
afterEach(() => socket.close());

let lastId = 0;
async function request(method: string, ...params: unknown[]) {
  lastId += 1;
  const id = lastId;
  socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  return eventually(`the answer to ${method}`, async () => frames.find((frame) => frame.id === id));
}

/** Subscribes; `next` waits for the subscription's next notification. */
async function subscribe(method: string, ...params: unknown[]) {
  const { result: subscription } = await request(method, ...params);
  expect(subscription).toEqual(number);
  let seen = 0;
  const next = async () => {
    const found = await eventually(`a notification of ${method}`, async () => {
      const own = frames.filter((frame) => frame.params?.subscription === subscription);
      return own[seen];
    });
    seen += 1;
    return found;
  };
  return { subscription, next };
}

async function send(amount: bigint, to: string): Promise<string> {
  const { result } = await ask(cluster.url, 'getLatestBlockhash', [{ commitment: 'confirmed' }]);
  const instructions = [transfer(payer, to as Address, amount)];
  const sent = await signed({ url: cluster.url }, payer, instructions, result.value.blockhash);
  await ask(cluster.url, 'sendTransaction', [sent.base64, { encoding: 'base64', skipPreflight: true }]);
  return sent.signature;
}

test('slotSubscribe and rootSubscribe tell of every slot', async () => {
  const slots = await subscribe('slotSubscribe');
  const roots = await subscribe('rootSubscribe');
  const first = await slots.next();
  expect(first).toEqual({
    jsonrpc: '2.0',
    method: 'slotNotification',
    params: { result: { slot: number, parent: number, root: number }, subscription: slots.subscription },
  });
  expect((await slots.next()).params.result.slot).toBeGreaterThan(first.params.result.slot);
  expect(await roots.next()).toMatchObject({ method: 'rootNotification', params: { result: number } });
});

test('signatureSubscribe tells once, at its commitment, then is over', async () => {
  const signature = await send(1_000_000n, (await generateKeyPairSigner()).address);
  const { next, subscription } = await subscribe('signatureSubscribe', signature, {
    commitment: 'confirmed',
  });
  expect((await next()).params.result).toEqual(withContext({ err: null }));
  expect((await request('signatureUnsubscribe', subscription)).error).toMatchObject({ code: -32_602 });
});

test('accountSubscribe shows the account after each change', async () => {
  const { address } = await generateKeyPairSigner();
  const options = { commitment: 'confirmed', encoding: 'base64' };
  const { next } = await subscribe('accountSubscribe', address, options);
  await send(1_000_000n, address);
  expect((await next()).params.result).toEqual(
    withContext({
      lamports: 1_000_000,
      data: ['', 'base64'],
      owner: '11111111111111111111111111111111',
      executable: false,
      rentEpoch: number,
      space: 0,
    }),
  );
  await send(5n, address);
  expect((await next()).params.result.value.lamports).toBe(1_000_005);
});

test('logsSubscribe tells of transactions that mention an account', async () => {
  const { address } = await generateKeyPairSigner();
  const { next } = await subscribe('logsSubscribe', { mentions: [address] }, { commitment: 'confirmed' });
  const signature = await send(1_000_000n, address);
  expect((await next()).params.result).toEqual(
    withContext({ signature, err: null, logs: expect.arrayContaining([expect.stringContaining('success')]) }),
  );
});

test.each(['slot', 'root', 'account', 'logs'])(
  '%sUnsubscribe ends it, and an unknown id is refused',
  async (kind) => {
    const params = { account: [payer.address], logs: ['all'] }[kind] ?? [];
    const { subscription } = await subscribe(`${kind}Subscribe`, ...params);
    expect((await request(`${kind}Unsubscribe`, subscription)).result).toBe(true);
    expect((await request(`${kind}Unsubscribe`, subscription)).error).toMatchObject({
      code: -32_602,
      message: 'Invalid subscription id.',
    });
  },
);

test('methods that a socket does not have are refused', async () => {
  expect((await request('getSlot')).error).toMatchObject({ code: -32_601 });
});
