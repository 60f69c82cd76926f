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

test('slotSubscribe and rootSubscribe notify of every slot', async () => {
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

test('signatureSubscribe notifies once, at its commitment, and ends', async () => {
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

test('logsSubscribe notifies of transactions that mention an account', async () => {
  const { address } = await generateKeyPairSigner();
  const { next } = await subscribe('logsSubscribe', { mentions: [address] }, { commitment: 'confirmed' });
  const signature = await send(1_000_000n, address);
  expect((await next()).params.result).toEqual(
    withContext({ signature, err: null, logs: expect.arrayContaining([expect.stringContaining('success')]) }),
  );
});

test.each(['slot', 'root', 'account', 'logs'])(
  '%sUnsubscribe ends the subscription, and refuses an unknown id',
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

test('getVersion is answered on the socket too', async () => {
  const { result } = await ask(cluster.url, 'getVersion', []);
  expect((await request('getVersion')).result).toEqual(result);
  expect((await request('getVersion', 'processed')).error).toMatchObject({ code: -32_602 });
});

test('methods that a socket does not have are refused', async () => {
  expect((await request('getSlot')).error).toMatchObject({ code: -32_601 });
});

test('programSubscribe notifies of changed accounts of a program that its filters pass', async () => {
  const { address } = await generateKeyPairSigner();
  const filters = [{ dataSize: 0 }];
  const options = { commitment: 'confirmed', encoding: 'base64', filters };
  const accounts = await subscribe('programSubscribe', '11111111111111111111111111111111', options);
  const none = { ...options, filters: [{ dataSize: 9_999 }] };
  await subscribe('programSubscribe', '11111111111111111111111111111111', none);
  await send(1_000_000n, address);
  const pubkeys = new Set<string>();
  const found = await eventually('the recipient', async () => {
    const { result } = (await accounts.next()).params;
    pubkeys.add(result.value.pubkey);
    return result.value.pubkey === address ? result : null;
  });
  expect(found).toEqual(
    withContext({ pubkey: address, account: expect.objectContaining({ lamports: 1_000_000 }) }),
  );
  const notified = frames.filter((frame) => frame.method === 'programNotification');
  expect(notified.every((frame) => frame.params.subscription === accounts.subscription)).toBe(true);
});

test('slotsUpdatesSubscribe notifies of each stage of a slot', async () => {
  const updates = await subscribe('slotsUpdatesSubscribe');
  const seen = new Map<string, { slot: number }>();
  await eventually('every step', async () => {
    const { result } = (await updates.next()).params;
    seen.set(result.type, result);
    return seen.size === 6 ? true : null;
  });
  const plain = { slot: number, timestamp: number };
  expect(Object.fromEntries(seen)).toEqual({
    firstShredReceived: { type: 'firstShredReceived', ...plain },
    completed: { type: 'completed', ...plain },
    createdBank: { type: 'createdBank', ...plain, parent: number },
    frozen: {
      type: 'frozen',
      ...plain,
      stats: {
        numTransactionEntries: number,
        numSuccessfulTransactions: number,
        numFailedTransactions: number,
        maxTransactionsPerEntry: number,
      },
    },
    optimisticConfirmation: { type: 'optimisticConfirmation', ...plain },
    root: { type: 'root', ...plain },
  });
  expect(seen.get('root')!.slot).toBeLessThan(seen.get('frozen')!.slot);
});

test('blockSubscribe notifies of whole blocks, or of the transactions that name an account', async () => {
  const { address } = await generateKeyPairSigner();
  const wanted = { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 };
  const filter = { mentionsAccountOrProgram: address };
  const blocks = await subscribe('blockSubscribe', filter, { ...wanted, showRewards: true });
  const strict = await subscribe('blockSubscribe', filter, { commitment: 'confirmed' });
  const signature = await send(1_000_000n, address);
  const { result } = (await blocks.next()).params;
  expect(result).toEqual(
    withContext({
      slot: number,
      err: null,
      block: {
        previousBlockhash: expect.any(String),
        blockhash: expect.any(String),
        parentSlot: number,
        blockTime: number,
        blockHeight: number,
        rewards: [],
        transactions: [
          {
            transaction: [expect.any(String), 'base64'],
            meta: expect.objectContaining({ err: null }),
            version: 0,
          },
        ],
      },
    }),
  );
  const { result: same } = await ask(cluster.url, 'getBlock', [
    result.value.slot,
    { ...wanted, transactionDetails: 'signatures' },
  ]);
  expect(same.signatures).toContain(signature);
  expect((await strict.next()).params.result.value).toEqual({
    slot: result.value.slot,
    block: null,
    err: { UnsupportedTransactionVersion: 0 },
  });
  const refused = await request('blockSubscribe', 'all', { commitment: 'processed' });
  expect(refused.error.code).toBe(-32_602);
});

test('signatureSubscribe first notifies of the receipt when the client asks for it', async () => {
  const { address } = await generateKeyPairSigner();
  const { result } = await ask(cluster.url, 'getLatestBlockhash', [{ commitment: 'confirmed' }]);
  const instructions = [transfer(payer, address as Address, 1_000_000n)];
  const sent = await signed({ url: cluster.url }, payer, instructions, result.value.blockhash);
  const options = { commitment: 'finalized', enableReceivedNotification: true };
  const signatures = await subscribe('signatureSubscribe', sent.signature, options);
  await ask(cluster.url, 'sendTransaction', [sent.base64, { encoding: 'base64', skipPreflight: true }]);
  expect((await signatures.next()).params.result).toEqual(withContext('receivedSignature'));
  expect((await signatures.next()).params.result).toEqual(withContext({ err: null }));
});

test('a subscription that Agave has and this cluster lacks is -32601', async () => {
  const { error } = await request('voteSubscribe');
  if (error)
    expect(error).toMatchObject({ code: -32_601, message: expect.stringMatching(/^Method not found/) });
});
