import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, generateKeyPairSigner, type Instruction, type KeyPairSigner } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import {
  advance,
  balanceOf,
  call,
  fundedSigner,
  get,
  post,
  send,
  signed,
  startManualDevnet,
  statusOf,
  transfer,
} from './support/client.ts';

let devnet: Devnet;
let payer: KeyPairSigner;
let count = 0n;

beforeEach(async () => {
  devnet = await startManualDevnet();
  payer = await fundedSigner(devnet);
});
afterEach(() => devnet.stop());

async function aTransaction() {
  count += 1n;
  return signed(devnet, payer, [transfer(payer, payer.address, count)]);
}

async function slots(count: number): Promise<void> {
  await post(devnet, '/admin/advance', { slots: count });
}

/** As `call`, at any path. */
async function callAt({ url }: { url: string }, method: string, params: unknown[]) {
  return call({ url: `${url}?` }, method, params);
}

function memo(text: string): Instruction {
  return {
    programAddress: 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr' as Address,
    data: new TextEncoder().encode(text),
  };
}

function setComputeUnitPrice(microLamports: bigint): Instruction {
  const data = new Uint8Array(9);
  data[0] = 3;
  new DataView(data.buffer).setBigUint64(1, microLamports, true);
  return { programAddress: 'ComputeBudget111111111111111111111111111111' as Address, data };
}

async function isLanded(signature: string): Promise<boolean> {
  await advance(devnet, 1);
  return (await statusOf(devnet, signature)) !== null;
}

async function clearFaults() {
  await fetch(`${devnet.url}/admin/faults`, { method: 'DELETE' });
}

describe('drop', () => {
  test('acknowledges the next sends and loses them, and a resend lands', async () => {
    await post(devnet, '/admin/faults', { drop: { next: 2 } });
    const sent = await aTransaction();
    expect((await send(devnet, sent.base64)).result).toBe(sent.signature);
    expect(await isLanded(sent.signature)).toBe(false);
    expect((await send(devnet, sent.base64)).result).toBe(sent.signature);
    expect(await isLanded(sent.signature)).toBe(false);
    await send(devnet, sent.base64);
    expect(await isLanded(sent.signature)).toBe(true);
    expect((await get(devnet, '/admin/faults')).body).toMatchObject({ drop: { next: 0, hits: 2 } });
  });

  test('loses a share of the sends, the same ones for the same seed', async () => {
    const outcomes: boolean[][] = [];
    for (let round = 0; round < 2; round += 1) {
      await post(devnet, '/admin/faults', { drop: { rate: 0.5, seed: 'x' } });
      const landed: boolean[] = [];
      for (let index = 0; index < 16; index += 1) {
        const sent = await aTransaction();
        await send(devnet, sent.base64);
        landed.push(await isLanded(sent.signature));
      }
      outcomes.push(landed);
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0]).toContain(true);
    expect(outcomes[0]).toContain(false);
  });
});

describe('expire', () => {
  test('loses every send of the next signatures, and of no other', async () => {
    await post(devnet, '/admin/faults', { expire: { next: 1 } });
    const lost = await aTransaction();
    for (let resend = 0; resend < 3; resend += 1) {
      expect((await send(devnet, lost.base64)).result).toBe(lost.signature);
      expect(await isLanded(lost.signature)).toBe(false);
    }
    const other = await aTransaction();
    await send(devnet, other.base64);
    expect(await isLanded(other.signature)).toBe(true);
    await send(devnet, lost.base64);
    await advance(devnet, 151);
    expect(await isLanded(lost.signature)).toBe(false);
  });
});

describe('delay', () => {
  test('holds a send up for so many slots', async () => {
    await post(devnet, '/admin/faults', { delay: { next: 1, slots: 5 } });
    const sent = await aTransaction();
    await send(devnet, sent.base64);
    await slots(5);
    expect(await statusOf(devnet, sent.signature)).toBeNull();
    await advance(devnet, 1);
    expect(await statusOf(devnet, sent.signature)).toMatchObject({ err: null });
  });

  test('loses a send for good when the delay outlasts its blockhash', async () => {
    await post(devnet, '/admin/faults', { delay: { next: 1, slots: 200 } });
    const sent = await aTransaction();
    await send(devnet, sent.base64);
    await slots(220);
    expect(await statusOf(devnet, sent.signature)).toBeNull();
  });
});

test('duplicate delivers a send twice, and it is executed once', async () => {
  await post(devnet, '/admin/faults', { duplicate: { next: 1, slots: 3 } });
  const recipient = await generateKeyPairSigner();
  const sent = await signed(devnet, payer, [transfer(payer, recipient.address, 5_000_000n)]);
  await send(devnet, sent.base64);
  await slots(10);
  expect(await balanceOf(devnet, recipient.address)).toBe(5_000_000n);
  const { body } = await get(devnet, '/admin/ledger');
  const { transactions } = body as { transactions: { signature: string }[] };
  expect(transactions.filter(({ signature }) => signature === sent.signature)).toHaveLength(1);
});

describe('a node that fails', () => {
  const getSlot = { jsonrpc: '2.0', id: 1, method: 'getSlot' };
  const ask = (path = '/', body: unknown = getSlot, signal?: AbortSignal) =>
    fetch(devnet.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });

  test.each([
    ['http429', 429],
    ['http503', 503],
  ])('%s answers the next calls of a method with %i and does nothing', async (name, status) => {
    await post(devnet, '/admin/faults', { [name]: { next: 1, methods: ['sendTransaction'] } });
    expect((await ask()).status).toBe(200);
    const sent = await aTransaction();
    const body = { ...getSlot, method: 'sendTransaction', params: [sent.base64, { encoding: 'base64' }] };
    expect((await ask('/', body)).status).toBe(status);
    expect(await isLanded(sent.signature)).toBe(false);
    expect((await get(devnet, '/admin/faults')).body).toMatchObject({
      nodes: [{ [name]: { next: 0, hits: 1, methods: ['sendTransaction'] } }, { [name]: { hits: 0 } }],
    });
  });

  test('timeout leaves the caller waiting and does nothing', async () => {
    await post(devnet, '/admin/faults', { timeout: { next: 1 } });
    await expect(ask('/', getSlot, AbortSignal.timeout(150))).rejects.toThrow(/timeout/);
    expect((await ask()).status).toBe(200);
  });

  test('lostAnswer takes the transaction and breaks the connection', async () => {
    await post(devnet, '/admin/faults', { lostAnswer: { next: 1 } });
    const sent = await aTransaction();
    await expect(send(devnet, sent.base64)).rejects.toThrow('fetch failed');
    expect(await isLanded(sent.signature)).toBe(true);
  });

  test('garbled cuts the answer in half', async () => {
    await post(devnet, '/admin/faults', { garbled: { next: 1 } });
    await expect(call(devnet, 'getSlot')).rejects.toThrow(SyntaxError);
    expect((await call(devnet, 'getSlot')).result).toBeGreaterThan(0);
  });

  test('hits a whole batch when the fault names the method of one request', async () => {
    await post(devnet, '/admin/faults', { http503: { next: 1, methods: ['getBlockHeight'] } });
    expect((await ask('/', [getSlot, { ...getSlot, method: 'getBlockHeight' }])).status).toBe(503);
  });

  test('reaches paths of the swap API by their name', async () => {
    await post(devnet, '/admin/faults', { http503: { next: 1, methods: ['/swap/v2/program-id-to-label'] } });
    expect((await fetch(`${devnet.url}/swap/v2/program-id-to-label`)).status).toBe(503);
    expect((await fetch(`${devnet.url}/swap/v2/program-id-to-label`)).status).toBe(200);
  });

  test('fails alone: the second node answers', async () => {
    await post(devnet, '/admin/faults', { http503: { rate: 1 } });
    expect((await ask('/')).status).toBe(503);
    expect((await ask('/node/2')).status).toBe(200);
    await post(devnet, '/admin/faults', { http503: { rate: 0 } });
    await post(devnet, '/admin/faults', { node: 2, http503: { rate: 1 } });
    expect((await ask('/')).status).toBe(200);
    expect((await ask('/node/2')).status).toBe(503);
  });
});

describe('a node that lags', () => {
  const heights = async (path: string) => {
    const answer = await post(devnet, path, {
      jsonrpc: '2.0',
      id: 1,
      method: 'getEpochInfo',
      params: [{ commitment: 'processed' }],
    });
    return (answer.body as { result: { blockHeight: number } }).result.blockHeight;
  };

  test('stands still until it is as many blocks behind as the fault says, then follows', async () => {
    const start = await heights('/');
    await post(devnet, '/admin/faults', { node: 2, lag: { rate: 1, blocks: 10 } });
    await advance(devnet, 5);
    expect([await heights('/'), await heights('/node/2')]).toEqual([start + 5, start]);
    await advance(devnet, 60);
    expect([await heights('/'), await heights('/node/2')]).toEqual([start + 65, start + 55]);
    await clearFaults();
    expect(await heights('/node/2')).toBe(start + 65);
  });

  test('shows accounts, balances and statuses of the earlier block', async () => {
    const recipient = await generateKeyPairSigner();
    await post(devnet, '/admin/faults', { lag: { rate: 1, blocks: 40 } });
    const sent = await signed(devnet, payer, [transfer(payer, recipient.address, 5_000_000n)]);
    await send(devnet, sent.base64);
    await advance(devnet, 40);
    expect(await balanceOf(devnet, recipient.address)).toBe(0n);
    expect(await statusOf(devnet, sent.signature)).toBeNull();
    const node2 = { url: `${devnet.url}/node/2` };
    expect((await callAt(node2, 'getBalance', [recipient.address])).result.value).toBe(5_000_000);
    await advance(devnet, 1);
    expect(await balanceOf(devnet, recipient.address)).toBe(5_000_000n);
    expect(await statusOf(devnet, sent.signature)).toMatchObject({ confirmationStatus: 'processed' });
  });

  test('may lag in single methods, as a pool of nodes behind one address does', async () => {
    await post(devnet, '/admin/faults', { lag: { rate: 1, blocks: 20, methods: ['getSignatureStatuses'] } });
    const sent = await aTransaction();
    await send(devnet, sent.base64);
    await advance(devnet, 3);
    expect(await statusOf(devnet, sent.signature)).toBeNull();
    const found = await call(devnet, 'getTransaction', [
      sent.signature,
      { commitment: 'confirmed', maxSupportedTransactionVersion: 0 },
    ]);
    expect(found.result.meta.err).toBeNull();
  });
});

test('forget makes one node deny transactions that the other node knows', async () => {
  await post(devnet, '/admin/faults', { node: 2, forget: { next: 1 } });
  const sent = await aTransaction();
  await send(devnet, sent.base64);
  await advance(devnet, 2);
  const params = [[sent.signature], { searchTransactionHistory: true }];
  const node2 = { url: `${devnet.url}/node/2` };
  expect((await callAt(node2, 'getSignatureStatuses', params)).result.value).toEqual([null]);
  expect(await statusOf(devnet, sent.signature)).toMatchObject({ err: null });
});

describe('congestion', () => {
  test('includes transactions that pay the rising price of the slot, and shows the price', async () => {
    await post(devnet, '/admin/faults', {
      congestion: { priceMicroLamports: '1000', risePercent: 100, slots: 200 },
    });
    const [free, paying] = [
      await aTransaction(),
      await signed(devnet, payer, [setComputeUnitPrice(5_000n), transfer(payer, payer.address, 1n)]),
    ];
    await send(devnet, free.base64);
    await advance(devnet, 1);
    expect(await statusOf(devnet, free.signature)).toBeNull();
    await send(devnet, paying.base64);
    await advance(devnet, 1);
    expect(await statusOf(devnet, paying.signature)).toMatchObject({ err: null });
    const { result: fees } = await call(devnet, 'getRecentPrioritizationFees');
    expect(fees.at(-1).prioritizationFee).toBeGreaterThan(fees.at(-2).prioritizationFee);
    expect(fees.at(-2).prioritizationFee).toBeGreaterThanOrEqual(1_000);
    await clearFaults();
    expect(await isLanded(free.signature)).toBe(true);
  });

  test('ends by itself', async () => {
    await post(devnet, '/admin/faults', {
      congestion: { priceMicroLamports: '1000', risePercent: 0, slots: 10 },
    });
    const free = await aTransaction();
    await send(devnet, free.base64);
    await slots(10);
    expect(await statusOf(devnet, free.signature)).toBeNull();
    await advance(devnet, 1);
    expect(await statusOf(devnet, free.signature)).toMatchObject({ err: null });
  });
});

describe('fork', () => {
  async function landed() {
    const recipient = await generateKeyPairSigner();
    const sent = await signed(devnet, payer, [transfer(payer, recipient.address, 5_000_000n)]);
    await send(devnet, sent.base64);
    await advance(devnet, 3);
    expect(await statusOf(devnet, sent.signature)).toMatchObject({ confirmationStatus: 'confirmed' });
    return { ...sent, recipient: recipient.address };
  }

  test('takes confirmed transactions back: balances, statuses and heights are as before', async () => {
    const before = await balanceOf(devnet, payer.address);
    const { signature, recipient, base64 } = await landed();
    const { result: height } = await call(devnet, 'getBlockHeight', [{ commitment: 'processed' }]);
    const { body } = await post(devnet, '/admin/fork', { blocks: 4, transactions: 'lose' });
    expect(body).toMatchObject({ blockHeight: height - 4, transactions: [signature] });
    expect(await statusOf(devnet, signature)).toBeNull();
    expect(await balanceOf(devnet, recipient)).toBe(0n);
    expect(await balanceOf(devnet, payer.address)).toBe(before);
    await advance(devnet, 40);
    expect(await statusOf(devnet, signature)).toBeNull();
    await send(devnet, base64);
    await advance(devnet, 1);
    expect(await balanceOf(devnet, recipient)).toBe(5_000_000n);
  });

  test('brings transactions back in a later block when the request says so', async () => {
    const { signature, recipient } = await landed();
    const { slot } = await statusOf(devnet, signature);
    await post(devnet, '/admin/fork', { blocks: 4 });
    await advance(devnet, 2);
    expect((await statusOf(devnet, signature)).slot).toBeGreaterThan(slot);
    expect(await balanceOf(devnet, recipient)).toBe(5_000_000n);
  });

  test('never drops a final block, and the final height never falls', async () => {
    const { signature } = await landed();
    await advance(devnet, 40);
    const { result: finalSlot } = await call(devnet, 'getSlot');
    const { status, body } = await post(devnet, '/admin/fork', { blocks: 33 });
    expect([status, (body as { code: string }).code]).toEqual([400, 'bad_body']);
    expect((await post(devnet, '/admin/fork', { blocks: 32 })).status).toBe(200);
    expect((await call(devnet, 'getSlot')).result).toBe(finalSlot);
    await advance(devnet, 3);
    expect((await call(devnet, 'getSlot')).result).toBe(finalSlot);
    expect(await statusOf(devnet, signature)).toMatchObject({ confirmationStatus: 'finalized' });
  });

  test.each([1, 2_000])('is the same after SIGKILL, with %i transactions between snapshots', async (most) => {
    const directory = mkdtempSync(join(tmpdir(), 'devnet-fork-'));
    const options = { transactionsPerSegment: most };
    await devnet.stop();
    devnet = await startManualDevnet({ ...options, ledgerDirectory: directory });
    payer = await fundedSigner(devnet);
    const landedBefore = [await landed(), await landed()];
    await post(devnet, '/admin/fork', { blocks: 8, transactions: 'lose' });
    await advance(devnet, 2);
    const { result: info } = await call(devnet, 'getEpochInfo', [{ commitment: 'processed' }]);
    cpSync(directory, `${directory}-killed`, { recursive: true }); // What a killed process leaves behind.
    rmSync(join(`${directory}-killed`, 'lock'));
    await devnet.stop();
    devnet = await startManualDevnet({ ...options, ledgerDirectory: `${directory}-killed` });
    expect((await call(devnet, 'getEpochInfo', [{ commitment: 'processed' }])).result).toEqual(info);
    for (const { signature, recipient } of landedBefore) {
      expect(await statusOf(devnet, signature)).toBeNull();
      expect(await balanceOf(devnet, recipient)).toBe(0n);
    }
    await devnet.stop();
    for (const done of [directory, `${directory}-killed`]) rmSync(done, { recursive: true });
  });
});

describe('a scenario', () => {
  test('hits the transactions whose memo names it, and no others', async () => {
    await post(devnet, '/admin/scenarios', { reference: 'mine', scenario: 'expire', seed: '1' });
    const [mine, other] = [
      await signed(devnet, payer, [memo('mine/1'), transfer(payer, payer.address, 1n)]),
      await signed(devnet, payer, [memo('other/1'), transfer(payer, payer.address, 1n)]),
    ];
    for (const { base64 } of [mine, other]) await send(devnet, base64);
    expect(await isLanded(other.signature)).toBe(true);
    expect(await isLanded(mine.signature)).toBe(false);
  });

  test('forks the chain behind its transaction, once', async () => {
    await post(devnet, '/admin/scenarios', { reference: 'forked', scenario: 'fork', seed: '1' });
    const sent = await signed(devnet, payer, [memo('forked/1'), transfer(payer, payer.address, 1n)]);
    const bystander = await aTransaction();
    for (const { base64 } of [sent, bystander]) await send(devnet, base64);
    await advance(devnet, 2);
    expect(await statusOf(devnet, sent.signature)).toMatchObject({ confirmationStatus: 'confirmed' });
    await advance(devnet, 12);
    expect(await statusOf(devnet, sent.signature)).toBeNull();
    expect(await statusOf(devnet, bystander.signature)).toMatchObject({ err: null });
    await send(devnet, sent.base64);
    await advance(devnet, 40);
    expect(await statusOf(devnet, sent.signature)).toMatchObject({ confirmationStatus: 'finalized' });
  });

  test.each([
    [{ reference: 'a/b', scenario: 'drop' }],
    [{ reference: '', scenario: 'drop' }],
    [{ reference: 'a', scenario: 'earthquake' }],
    [{ scenario: 'drop' }],
  ])('is refused when it is %j', async (body) => {
    expect((await post(devnet, '/admin/scenarios', body)).body).toMatchObject({ code: 'bad_body' });
  });
});

test('DELETE removes every fault', async () => {
  await post(devnet, '/admin/faults', { drop: { next: 100 }, expire: { next: 100 } });
  const sent = await aTransaction();
  await send(devnet, sent.base64);
  expect(await isLanded(sent.signature)).toBe(false);
  await clearFaults();
  await send(devnet, sent.base64);
  expect(await isLanded(sent.signature)).toBe(true);
});

test.each([
  [{ drop: { next: -1 } }],
  [{ drop: { rate: 2 } }],
  [{ expire: { next: 1.5 } }],
  [{ dorp: { next: 1 } }],
  [{ drop: { every: 1 } }],
  [{ delay: { next: 1 } }],
  [{ lag: { rate: 1, blocks: 151 } }],
  [{ http429: { next: 1, methods: 'getSlot' } }],
  [{ http429: { next: 1, methods: [] } }],
  [{ congestion: { priceMicroLamports: 5, slots: 1 } }],
  [{ drain: { next: 1, percent: 0 } }],
  [{ node: 3, http503: { next: 1 } }],
  [[]],
  ['{'],
])('refuses %j with a problem that names the right form', async (body) => {
  const { status, body: problem } = await post(devnet, '/admin/faults', body);
  expect(status).toBe(400);
  expect(problem).toMatchObject({ status: 400, code: 'bad_body' });
  expect((problem as { hint: string }).hint).not.toBe('');
});
