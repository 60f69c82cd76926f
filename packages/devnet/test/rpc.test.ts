import type { KeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import {
  advance,
  balanceOf,
  blockhashOf,
  call,
  fundedSigner,
  get,
  post,
  send,
  signed,
  signerFrom,
  startManualDevnet,
  statusOf,
  transfer,
} from './support/client.ts';

const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const WRAPPED_SOL = 'So11111111111111111111111111111111111111112';
const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const NOBODY = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';

let devnet: Devnet;
let payer: KeyPairSigner;

beforeAll(async () => {
  devnet = await startManualDevnet();
  payer = await fundedSigner(devnet, 10n ** 18n);
});
afterAll(() => devnet.stop());

async function resultOf(method: string, ...params: unknown[]) {
  const { result, error } = await call(devnet, method, params);
  expect(error).toBeUndefined();
  return result;
}

async function errorOf(method: string, ...params: unknown[]) {
  const { error } = await call(devnet, method, params);
  expect(error).toBeDefined();
  return error!;
}

async function land(amount: bigint, to: string = NOBODY): Promise<string> {
  const sent = await signed(devnet, payer, [transfer(payer, to as never, amount)]);
  await send(devnet, sent.base64);
  await advance(devnet, 2);
  return sent.signature;
}

async function fundTokens(owner: string, mint: string, amount: string): Promise<void> {
  expect((await post(devnet, '/admin/fund', { owner, tokens: [{ mint, amount }] })).status).toBe(200);
}

async function raw(body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const response = await fetch(devnet.url, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

describe('JSON-RPC', () => {
  test.each([
    ['{', -32700, 'Parse error'],
    ['1', -32700, 'Parse error'],
    ['null', -32700, 'Parse error'],
    ['{"jsonrpc":"1.0","id":1,"method":"getSlot"}', -32600, 'Invalid request'],
    ['{"jsonrpc":"2.0","id":1,"method":5}', -32600, 'Invalid request'],
    ['{"jsonrpc":"2.0","id":{},"method":"getSlot"}', -32700, 'Parse error'],
    ['{"jsonrpc":"2.0","id":1,"method":"getSlots"}', -32601, 'Method not found'],
    ['{"jsonrpc":"2.0","id":1,"method":"constructor"}', -32601, 'Method not found'],
  ])('answers %s with %i', async (body, code, message) => {
    const { status, text } = await raw(body);
    expect(status).toBe(200);
    expect(JSON.parse(text).error).toEqual({ code, message });
  });

  test('answers a batch from one state of the chain, however fast slots pass', async () => {
    const fast = await startManualDevnet({ slotMs: 10 });
    const getSlot = '{"jsonrpc":"2.0","id":1,"method":"getSlot","params":[{"commitment":"processed"}]}';
    const slots: Set<number>[] = [];
    for (let asked = 0; asked < 5; asked += 1) {
      const { body } = await post(fast, '/', `[${Array(500).fill(getSlot).join(',')}]`);
      slots.push(new Set((body as { result: number }[]).map(({ result }) => result)));
    }
    await fast.stop();
    expect(slots.map(({ size }) => size)).toEqual([1, 1, 1, 1, 1]);
  });

  test('answers a batch in its order and leaves notifications out', async () => {
    const request = (id: unknown, method: string) => ({ jsonrpc: '2.0', id, method });
    const batch = [request(7, 'getHealth'), { jsonrpc: '2.0', method: 'getSlot' }, request('x', 'nope')];
    const { text } = await raw(JSON.stringify(batch));
    expect(JSON.parse(text)).toEqual([
      { jsonrpc: '2.0', result: 'ok', id: 7 },
      { jsonrpc: '2.0', error: { code: -32601, message: 'Method not found' }, id: 'x' },
    ]);
  });

  test('refuses other content types and large bodies as Agave does', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"getSlot"}';
    expect((await raw(body, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await raw(body.padEnd(51 * 1024))).status).toBe(413);
    expect((await raw(body.padEnd(50 * 1024))).status).toBe(200);
  });

  test('sends whole numbers over 2^53 exactly', async () => {
    const { address } = await signerFrom('a rich account');
    await post(devnet, '/admin/fund', { owner: address, lamports: '9007199254740993' });
    const { text } = await raw(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getBalance', params: [address] }),
    );
    expect(text).toContain('"value":9007199254740993}');
  });
});

describe('bad parameters', () => {
  test.each([
    ['getBalance', []],
    ['getBalance', ['abc']],
    ['getBalance', [5]],
    ['getBalance', [NOBODY, 'confirmed']],
    ['getBalance', [NOBODY, { commitment: 'soon' }]],
    ['getAccountInfo', [NOBODY, { encoding: 'hex' }]],
    ['getMultipleAccounts', [new Array(101).fill(NOBODY)]],
    ['getProgramAccounts', [TOKEN_PROGRAM, { filters: [{ memcmp: { offset: 0, bytes: '0OIl' } }] }]],
    ['getProgramAccounts', [TOKEN_PROGRAM, { filters: new Array(5).fill({ dataSize: 1 }) }]],
    ['getMinimumBalanceForRentExemption', [-1]],
    ['getSignatureStatuses', [['abc']]],
    ['getSignatureStatuses', [new Array(257).fill('1'.repeat(64))]],
    ['getTransaction', ['1'.repeat(64), { commitment: 'processed' }]],
    ['getSignaturesForAddress', [NOBODY, { limit: 1001 }]],
    ['getSignaturesForAddress', [NOBODY, { commitment: 'processed' }]],
    ['requestAirdrop', [NOBODY, 1.5]],
    ['sendTransaction', []],
    ['sendTransaction', ['AAAA', { encoding: 'base64' }]],
    ['sendTransaction', ['!!!!', { encoding: 'base64' }]],
    ['sendTransaction', ['0OIl']],
    ['sendTransaction', ['A'.repeat(1648), { encoding: 'base64' }]],
    ['sendTransaction', ['AQAB', { encoding: 'hex' }]],
    ['simulateTransaction', ['AAAA', { encoding: 'base64' }]],
    ['getFeeForMessage', ['AAAA']],
    ['getTokenAccountBalance', [NOBODY]],
    ['getTokenAccountsByOwner', [NOBODY, { programId: NOBODY }]],
  ])('of %s(%j) are -32602', async (method, params) => {
    expect((await errorOf(method, ...params)).code).toBe(-32602);
  });

  test('a minimum context slot in the future is -32016', async () => {
    const error = await errorOf('getSlot', { minContextSlot: 1_000_000_000 });
    expect(error).toMatchObject({ code: -32016, data: { contextSlot: expect.any(Number) } });
  });
});

describe('clocks', () => {
  test('each commitment has its own slot, height and blockhash', async () => {
    const slots = [];
    const heights = [];
    for (const commitment of ['finalized', 'confirmed', 'processed']) {
      const info = await resultOf('getEpochInfo', { commitment });
      expect(await resultOf('getSlot', { commitment })).toBe(info.absoluteSlot);
      expect(await resultOf('getBlockHeight', { commitment })).toBe(info.blockHeight);
      const { blockhash, lastValidBlockHeight } = await blockhashOf(devnet, commitment);
      expect(lastValidBlockHeight).toBe(info.blockHeight + 150);
      const valid = await resultOf('isBlockhashValid', blockhash, { commitment });
      expect(valid).toEqual({ context: { apiVersion: '3.0.0', slot: info.absoluteSlot }, value: true });
      slots.push(info.absoluteSlot);
      heights.push(info.blockHeight);
    }
    expect(heights[2]! - heights[1]!).toBe(1);
    expect(heights[2]! - heights[0]!).toBe(32);
    expect(slots).toEqual(slots.toSorted((a, b) => a - b));
  });

  test('chain time follows the slots', async () => {
    const before = await resultOf('getSlot', { commitment: 'processed' });
    const beforeTime = await resultOf('getBlockTime', before);
    await post(devnet, '/admin/advance', { slots: 100 });
    const after = await resultOf('getSlot', { commitment: 'processed' });
    expect((await resultOf('getBlockTime', after)) - beforeTime).toBeCloseTo((after - before) * 0.4, -0.5);
    expect((await errorOf('getBlockTime', after + 50)).code).toBe(-32004);
  });
});

describe('accounts', () => {
  test('have the shape of Solana, in every encoding', async () => {
    const address = 'So11111111111111111111111111111111111111112';
    const info = await resultOf('getAccountInfo', address, { encoding: 'base64' });
    expect(info.value).toMatchObject({ owner: TOKEN_PROGRAM, executable: false, space: 82 });
    const bytes = Buffer.from(info.value.data[0], 'base64');
    expect(bytes[44]).toBe(9);
    const slice = await resultOf('getAccountInfo', address, {
      encoding: 'base64',
      dataSlice: { offset: 44, length: 2 },
    });
    expect(slice.value.data).toEqual(['CQE=', 'base64']);
    const parsed = await resultOf('getAccountInfo', address, { encoding: 'jsonParsed' });
    expect(parsed.value.data.parsed).toMatchObject({ type: 'mint', info: { decimals: 9 } });
    expect((await resultOf('getAccountInfo', address)).value.data).toEqual(expect.any(String));
    expect((await resultOf('getAccountInfo', NOBODY)).value).toBeNull();
  });

  test('are read several at a time', async () => {
    const { value } = await resultOf('getMultipleAccounts', [WRAPPED_SOL, NOBODY], { encoding: 'base64' });
    expect(value[0].space).toBe(82);
    expect(value[1]).toBeNull();
  });

  test('of tokens are found by owner, by mint and by filter', async () => {
    const { address: owner } = await signerFrom('a token owner');
    await fundTokens(owner, USDC, '1500000');
    await fundTokens(owner, USDC, '1');
    await fundTokens(owner, WRAPPED_SOL, '2000000000');
    const byMint = await resultOf(
      'getTokenAccountsByOwner',
      owner,
      { mint: USDC },
      { encoding: 'jsonParsed' },
    );
    expect(byMint.value).toHaveLength(1);
    const [{ pubkey, account }] = byMint.value;
    expect(account.data.parsed.info).toMatchObject({
      mint: USDC,
      owner,
      isNative: false,
      tokenAmount: { amount: '1500001', decimals: 6, uiAmount: 1.500001, uiAmountString: '1.500001' },
    });
    const all = await resultOf(
      'getTokenAccountsByOwner',
      owner,
      { programId: TOKEN_PROGRAM },
      { encoding: 'base64' },
    );
    expect(all.value).toHaveLength(2);
    const amount = await resultOf('getTokenAccountBalance', pubkey);
    expect(amount.value.amount).toBe('1500001');
    const filters = [{ dataSize: 165 }, { memcmp: { offset: 32, bytes: owner } }];
    const found = await resultOf('getProgramAccounts', TOKEN_PROGRAM, { filters, encoding: 'base64' });
    expect(found.map((entry: { pubkey: string }) => entry.pubkey).sort()).toEqual(
      all.value.map((entry: { pubkey: string }) => entry.pubkey).sort(),
    );
    const wrapped = all.value.find((entry: { pubkey: string }) => entry.pubkey !== pubkey);
    expect(wrapped.account.lamports).toBe(2_000_000_000 + 2_039_280);
  });

  test('count funded tokens in the supply of their mint', async () => {
    const before = BigInt((await resultOf('getTokenSupply', USDC)).value.amount);
    await fundTokens(payer.address, USDC, '123');
    expect(BigInt((await resultOf('getTokenSupply', USDC)).value.amount)).toBe(before + 123n);
  });

  test('rent is what Solana asks', async () => {
    expect(await resultOf('getMinimumBalanceForRentExemption', 0)).toBe(890_880);
    expect(await resultOf('getMinimumBalanceForRentExemption', 165)).toBe(2_039_280);
  });
});

describe('simulateTransaction', () => {
  test('runs an unsigned transaction with a replaced blockhash and keeps nothing', async () => {
    const { address } = await signerFrom('simulated');
    const sent = await signed(devnet, payer, [transfer(payer, address, 1_000_000n)], NOBODY as never);
    const bytes = Buffer.from(sent.base64, 'base64');
    bytes.fill(0, 1, 65);
    const unsigned = bytes.toString('base64');
    const { context, value } = await resultOf('simulateTransaction', unsigned, {
      encoding: 'base64',
      replaceRecentBlockhash: true,
      sigVerify: false,
      commitment: 'confirmed',
      accounts: { encoding: 'base64', addresses: [address] },
    });
    const { slot } = { slot: await resultOf('getSlot', { commitment: 'processed' }) };
    expect(context.slot).toBe(slot);
    expect(value).toMatchObject({ err: null, unitsConsumed: 150, returnData: null, innerInstructions: null });
    expect(value.logs).toEqual([
      'Program 11111111111111111111111111111111 invoke [1]',
      'Program 11111111111111111111111111111111 success',
    ]);
    expect(value.accounts[0].lamports).toBe(1_000_000);
    expect(value.replacementBlockhash.blockhash).toBe((await blockhashOf(devnet, 'confirmed')).blockhash);
    expect(await balanceOf(devnet, address)).toBe(0n);

    const asText = { encoding: 'base58', addresses: [address] };
    expect(await errorOf('simulateTransaction', unsigned, { encoding: 'base64', accounts: asText })).toEqual({
      code: -32602,
      message: 'base58 encoding not supported',
    });
    const plain = await resultOf('simulateTransaction', unsigned, { encoding: 'base64' });
    expect(plain.value).toMatchObject({ err: 'BlockhashNotFound', logs: [], unitsConsumed: 0 });
    const verified = await errorOf('simulateTransaction', unsigned, { encoding: 'base64', sigVerify: true });
    expect(verified.code).toBe(-32003);
    const both = await errorOf('simulateTransaction', unsigned, {
      encoding: 'base64',
      sigVerify: true,
      replaceRecentBlockhash: true,
    });
    expect(both.code).toBe(-32602);
  });

  test('gives the error of a failed instruction', async () => {
    const sent = await signed(devnet, payer, [transfer(payer, NOBODY as never, 2n * 10n ** 18n)]);
    const { value } = await resultOf('simulateTransaction', sent.base64, {
      encoding: 'base64',
      sigVerify: true,
      commitment: 'confirmed',
    });
    expect(value.err).toEqual({ InstructionError: [0, { Custom: 1 }] });
    expect(value.logs.at(-1)).toContain('custom program error: 0x1');
  });
});

describe('sendTransaction', () => {
  test('drops bytes with a wrong signature although the same message passed its preflight', async () => {
    const preflight = { preflightCommitment: 'confirmed' };
    const good = await signed(devnet, payer, [transfer(payer, NOBODY as never, 1_000_001n)]);
    expect((await send(devnet, good.base64, preflight)).error).toBeUndefined();
    const bytes = Buffer.from(good.base64, 'base64');
    bytes[1] = bytes[1]! ^ 1;
    const { result: forged } = await send(devnet, bytes.toString('base64'));
    await advance(devnet, 2);
    expect(await statusOf(devnet, forged)).toBeNull();
    expect((await statusOf(devnet, good.signature)).err).toBeNull();
  });

  test('refuses a wrong signature with -32003, or drops the transaction without preflight', async () => {
    const sent = await signed(devnet, payer, [transfer(payer, NOBODY as never, 3_000_000n)]);
    const bytes = Buffer.from(sent.base64, 'base64');
    bytes[5]! ^= 1;
    const forged = bytes.toString('base64');
    const { error } = await send(devnet, forged, { preflightCommitment: 'confirmed' });
    expect(error).toMatchObject({ code: -32003, message: 'Transaction signature verification failure' });
    const before = await balanceOf(devnet, NOBODY);
    expect((await send(devnet, forged)).result).toEqual(expect.any(String));
    await advance(devnet, 1);
    expect(await balanceOf(devnet, NOBODY)).toBe(before);
  });

  test('explains a failed preflight with error, logs and sentence', async () => {
    const sent = await signed(devnet, payer, [transfer(payer, NOBODY as never, 2n * 10n ** 18n)]);
    const { error } = await send(devnet, sent.base64, { preflightCommitment: 'confirmed' });
    expect(error).toMatchObject({
      code: -32002,
      message: 'Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1',
      data: { err: { InstructionError: [0, { Custom: 1 }] }, unitsConsumed: 150 },
    });
    expect(error?.data.logs).toHaveLength(3);
  });

  test('takes base58 by default', async () => {
    const { getBase58Decoder } = await import('@solana/kit');
    const sent = await signed(devnet, payer, [transfer(payer, NOBODY as never, 4_000_001n)]);
    const base58 = getBase58Decoder().decode(Buffer.from(sent.base64, 'base64'));
    expect(await resultOf('sendTransaction', base58, { preflightCommitment: 'confirmed' })).toBe(
      sent.signature,
    );
    await advance(devnet, 1);
  });
});

describe('getTransaction', () => {
  test('shows balances, fee, logs and accounts of a landed transaction', async () => {
    const { address } = await signerFrom('a landed recipient');
    const signature = await land(1_234_567n, address);
    const found = await resultOf('getTransaction', signature, {
      commitment: 'confirmed',
      maxSupportedTransactionVersion: 0,
    });
    const { meta, transaction, version, slot, blockTime } = found;
    expect(version).toBe(0);
    expect(blockTime).toBe(await resultOf('getBlockTime', slot));
    expect(transaction.signatures).toEqual([signature]);
    const keys = transaction.message.accountKeys;
    expect(keys[0]).toBe(payer.address);
    expect(meta.postBalances[keys.indexOf(address)]).toBe(1_234_567);
    expect(meta).toMatchObject({
      err: null,
      status: { Ok: null },
      fee: 5_000,
      computeUnitsConsumed: 150,
      innerInstructions: [],
      preTokenBalances: [],
      rewards: [],
      loadedAddresses: { writable: [], readonly: [] },
    });
    const total = (balances: number[]) => balances.slice(1).reduce((sum, value) => sum + value, 0);
    expect(total(meta.postBalances) - total(meta.preBalances)).toBe(1_234_567);
  });

  test('gives the same bytes in base64 and accounts with roles in jsonParsed', async () => {
    const sent = await signed(devnet, payer, [transfer(payer, NOBODY as never, 5_000_007n)]);
    await send(devnet, sent.base64);
    await advance(devnet, 2);
    const config = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
    const bytes = await resultOf('getTransaction', sent.signature, { ...config, encoding: 'base64' });
    expect(bytes.transaction).toEqual([sent.base64, 'base64']);
    const parsed = await resultOf('getTransaction', sent.signature, { ...config, encoding: 'jsonParsed' });
    expect(parsed.transaction.message.accountKeys[0]).toEqual({
      pubkey: payer.address,
      signer: true,
      source: 'transaction',
      writable: true,
    });
  });

  test('answers null before the commitment, and for a transaction that never landed', async () => {
    const sent = await signed(devnet, payer, [transfer(payer, NOBODY as never, 5_000_009n)]);
    await send(devnet, sent.base64);
    await advance(devnet, 1);
    const config = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
    expect(await resultOf('getTransaction', sent.signature, config)).toBeNull();
    await advance(devnet, 1);
    expect(await resultOf('getTransaction', sent.signature, config)).not.toBeNull();
    expect(
      await resultOf('getTransaction', sent.signature, { maxSupportedTransactionVersion: 0 }),
    ).toBeNull();
    expect((await errorOf('getTransaction', sent.signature, { commitment: 'confirmed' })).code).toBe(-32015);
  });
});

test('getSignaturesForAddress lists newest first and pages by before, until and limit', async () => {
  const { address } = await signerFrom('a listed recipient');
  const landed: string[] = [];
  for (let index = 0; index < 5; index += 1) landed.push(await land(1_000_000n + BigInt(index), address));
  const newestFirst = landed.toReversed();
  const list = async (config: object) => {
    const found = await resultOf('getSignaturesForAddress', address, { commitment: 'confirmed', ...config });
    return found.map((entry: { signature: string }) => entry.signature);
  };
  expect(await list({})).toEqual(newestFirst);
  expect(await list({ limit: 2 })).toEqual(newestFirst.slice(0, 2));
  expect(await list({ before: newestFirst[1] })).toEqual(newestFirst.slice(2));
  expect(await list({ until: newestFirst[3] })).toEqual(newestFirst.slice(0, 3));
});

test('getSignaturesForAddress gives the memos of a transaction, and null without one', async () => {
  const { address } = await signerFrom('a recipient without memos');
  await land(1_000_000n, address);
  const [plain] = await resultOf('getSignaturesForAddress', address, { commitment: 'confirmed' });
  expect(plain.memo).toBeNull();
});

test('the admin API shows landed transactions and refuses invalid requests', async () => {
  const { address } = await signerFrom('an audited recipient');
  const signature = await land(1_000_000n, address);
  const { body } = await get(devnet, `/admin/ledger?address=${address}`);
  expect(body).toMatchObject({ total: 1, transactions: [{ signature, err: null }] });
  expect(await get(devnet, '/admin/nothing')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const market = await get(devnet, '/admin/market');
  expect(market.body).toMatchObject({ mood: 'none' });
  for (const body of [
    { owner: 'x' },
    { owner: NOBODY, lamports: 5 },
    { owner: NOBODY, lamports: '-1' },
    { owner: NOBODY, lamports: '18446744073709551616' },
    { owner: NOBODY, tokens: [{ mint: NOBODY, amount: '1' }] },
    { owner: NOBODY, tokens: [{ mint: USDC, amount: '18446744073709551615' }] },
    null,
  ]) {
    expect(await post(devnet, '/admin/fund', body)).toMatchObject({ status: 400, body: { status: 400 } });
  }
});
