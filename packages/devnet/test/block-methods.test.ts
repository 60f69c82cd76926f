import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressBytes } from '@oee/solana';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import {
  advance,
  call,
  fundedSigner,
  post,
  send,
  signed,
  startManualDevnet,
  transfer,
} from './support/client.ts';

const NOBODY = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';
const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const processed = { commitment: 'processed' };

let root: string;
let devnet: Devnet;
let payer: Awaited<ReturnType<typeof fundedSigner>>;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'devnet-blocks-'));
  devnet = await start();
  payer = await fundedSigner(devnet);
});
afterAll(async () => {
  await devnet.stop();
  rmSync(root, { recursive: true, force: true });
});

const start = (options = {}) => startManualDevnet({ ledgerDirectory: join(root, 'ledger'), ...options });
const resultOf = async (method: string, ...params: unknown[]) => {
  const { result, error } = await call(devnet, method, params);
  expect(error).toBeUndefined();
  return result;
};
const errorOf = async (method: string, ...params: unknown[]) => (await call(devnet, method, params)).error;

async function land(amount: bigint) {
  const sent = await signed(devnet, payer, [transfer(payer, NOBODY as never, amount)]);
  await send(devnet, sent.base64);
  await advance(devnet, 2);
  const options = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
  return (await resultOf('getTransaction', sent.signature, options)) as { slot: number; meta: object };
}

test('a transfer costs what it costs on mainnet', async () => {
  await land(1_000_000n);
  const { meta } = await land(2n);
  expect(meta).toMatchObject({ computeUnitsConsumed: 150, costUnits: 1_481 });
  const sent = await signed(devnet, payer, [transfer(payer, NOBODY as never, 3n)]);
  const simulated = await resultOf('simulateTransaction', sent.base64, {
    encoding: 'base64',
    commitment: 'confirmed',
  });
  // Both wallets are empty of data; the machine's account of the system program holds its name.
  expect(simulated.value.loadedAccountsDataSize).toBe(64 + 64 + 64 + 'solana_system_program'.length);
});

test('a block says the same after a restart, and transactions are counted on', async () => {
  const options = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
  const { slot } = await land(4n);
  const before = await resultOf('getBlock', slot, options);
  const count = await resultOf('getTransactionCount', processed);
  expect(before.transactions).toHaveLength(1);
  await devnet.stop();
  devnet = await start();
  expect(await resultOf('getBlock', slot, options)).toEqual(before);
  expect(await resultOf('getTransactionCount', processed)).toBe(count);
  await land(5n);
  expect(await resultOf('getTransactionCount', processed)).toBe(count + 1);
});

test('a slot without a block is -32004 until it is final, and -32007 then', async () => {
  await post(devnet, '/admin/advance', { slots: 200 });
  const tip = await resultOf('getSlot', { commitment: 'confirmed' });
  const blocks: number[] = await resultOf('getBlocks', tip - 190, tip, { commitment: 'confirmed' });
  const skipped = Array.from({ length: 190 }, (_, index) => tip - 190 + index).filter(
    (slot) => !blocks.includes(slot),
  );
  expect(skipped.length).toBeGreaterThan(0);
  const finalSlot = await resultOf('getSlot');
  for (const slot of skipped) {
    const code = slot > finalSlot ? -32_004 : -32_007;
    expect((await errorOf('getBlock', slot, { commitment: 'confirmed' }))?.code).toBe(code);
    expect((await errorOf('getBlockTime', slot))?.code).toBe(code);
  }
});

/** Such sums are beyond what `JSON.parse` gives exactly. */
async function supply() {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getSupply', params: [processed] });
  const headers = { 'content-type': 'application/json' };
  const text = await (await fetch(devnet.url, { method: 'POST', headers, body })).text();
  const found =
    /"value":{"total":(\d+),"circulating":(\d+),"nonCirculating":0,"nonCirculatingAccounts":\[\]}/.exec(text);
  expect(found?.[1]).toBe(found?.[2]);
  return BigInt(found![1]!);
}

test('supply is what all accounts hold, and fees leave it', async () => {
  const before = await supply();
  await land(6n);
  expect(await supply()).toBe(before - 5_000n);
});

test('the largest accounts come first', async () => {
  const { value } = await resultOf('getLargestAccounts', processed);
  expect(value).toHaveLength(20);
  const lamports = value.map((one: { lamports: number }) => one.lamports);
  expect(lamports).toEqual(lamports.toSorted((a: number, b: number) => b - a));
  expect((await resultOf('getLargestAccounts', { ...processed, filter: 'nonCirculating' })).value).toEqual(
    [],
  );
  expect((await errorOf('getLargestAccounts', { filter: 'some' }))?.code).toBe(-32_602);
});

test('accounts of a program come in the order of their addresses', async () => {
  const list = await resultOf('getProgramAccounts', TOKEN_PROGRAM, { encoding: 'base64' });
  const keys: Buffer[] = list.map(({ pubkey }: { pubkey: string }) => Buffer.from(addressBytes(pubkey)!));
  expect(keys.length).toBeGreaterThan(5);
  expect(keys).toEqual(keys.toSorted(Buffer.compare));
});

test('a refused method names the reason', async () => {
  expect(await errorOf('getVoteAccounts')).toEqual({
    code: -32_601,
    message: 'Method not found: this chain has no votes and no stakes',
  });
});

test('a block whose transactions were pruned is -32001', async () => {
  const other = await startManualDevnet({ maxTransactions: 4, transactionsPerSegment: 2 });
  const sender = await fundedSigner(other);
  const slots: number[] = [];
  for (let round = 1n; round <= 9n; round += 1n) {
    const sent = await signed(other, sender, [transfer(sender, NOBODY as never, round * 1_000_000n)]);
    await send(other, sent.base64);
    await advance(other, 40);
    const { result } = await call(other, 'getSignatureStatuses', [[sent.signature]]);
    slots.push(result.value[0].slot);
  }
  const options = [{ maxSupportedTransactionVersion: 0 }];
  const { result: first } = await call(other, 'minimumLedgerSlot');
  expect((await call(other, 'getBlock', [slots[0], ...options])).error).toEqual({
    code: -32_001,
    message: `Block ${slots[0]} cleaned up, does not exist on node. First available block: ${first}`,
  });
  expect((await call(other, 'getBlock', [slots[7], ...options])).result.transactions).toHaveLength(1);
  await other.stop();
});
