import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import {
  advance,
  balanceOf,
  blockhashOf,
  call,
  fundedSigner,
  send,
  signed,
  signerFrom,
  startManualDevnet,
  statusOf,
  transfer,
} from './support/client.ts';

let devnet: Devnet;

beforeAll(async () => {
  devnet = await startManualDevnet();
});
afterAll(() => devnet.stop());

async function aTransfer(amount = 1_000_000_000n, commitment = 'confirmed') {
  const payer = await fundedSigner(devnet, 10_000_000_000n);
  const { blockhash, lastValidBlockHeight } = await blockhashOf(devnet, commitment);
  const to = await signerFrom(`recipient of ${payer.address}`);
  const transaction = await signed(devnet, payer, [transfer(payer, to.address, amount)], blockhash);
  return { payer, to: to.address, blockhash, lastValidBlockHeight, ...transaction };
}

async function heightOf(commitment: string): Promise<number> {
  return (await call(devnet, 'getBlockHeight', [{ commitment }])).result;
}

test('lands a transaction in the last block that its blockhash allows', async () => {
  const sent = await aTransfer();
  await advance(devnet, sent.lastValidBlockHeight - 1 - (await heightOf('processed')));
  await send(devnet, sent.base64);
  await advance(devnet, 1);
  expect(await heightOf('processed')).toBe(sent.lastValidBlockHeight);
  expect(await statusOf(devnet, sent.signature)).toMatchObject({ err: null });
});

test('never lands a transaction one block later', async () => {
  const sent = await aTransfer();
  await advance(devnet, sent.lastValidBlockHeight - (await heightOf('processed')));
  await send(devnet, sent.base64);
  await advance(devnet, 3);
  expect(await statusOf(devnet, sent.signature)).toBeNull();
  expect(await balanceOf(devnet, sent.payer.address)).toBe(10_000_000_000n);
});

test('refuses an expired or unknown blockhash at preflight', async () => {
  const sent = await aTransfer();
  await advance(devnet, 152);
  const { error } = await send(devnet, sent.base64, { preflightCommitment: 'processed' });
  expect(error).toMatchObject({ code: -32002, data: { err: 'BlockhashNotFound' } });
  expect(error?.message).toBe('Transaction simulation failed: Blockhash not found');
});

test('knows a confirmed blockhash at finalized only when its block is final', async () => {
  await advance(devnet, 1);
  const sent = await aTransfer();
  const early = await send(devnet, sent.base64, { preflightCommitment: 'finalized' });
  expect(early.error?.data.err).toBe('BlockhashNotFound');
  const { result } = await call(devnet, 'isBlockhashValid', [sent.blockhash, { commitment: 'finalized' }]);
  expect(result.value).toBe(false);
  await advance(devnet, 32);
  const later = await send(devnet, sent.base64, { preflightCommitment: 'finalized' });
  expect(later.result).toBe(sent.signature);
});

test('executes the same bytes once, however often they are sent', async () => {
  const sent = await aTransfer();
  for (let count = 0; count < 3; count += 1) await send(devnet, sent.base64);
  await advance(devnet, 1);
  await send(devnet, sent.base64);
  await advance(devnet, 1);
  expect(await balanceOf(devnet, sent.to)).toBe(1_000_000_000n);
  const again = await send(devnet, sent.base64, { preflightCommitment: 'confirmed' });
  expect(again.error).toMatchObject({ code: -32002, data: { err: 'AlreadyProcessed' } });
  const { result } = await call(devnet, 'getSignaturesForAddress', [sent.to, { commitment: 'confirmed' }]);
  expect(result).toHaveLength(1);
});

test('charges the fee of a transaction that fails in an instruction', async () => {
  const sent = await aTransfer(20_000_000_000n);
  await send(devnet, sent.base64);
  await advance(devnet, 1);
  const error = { InstructionError: [0, { Custom: 1 }] };
  expect(await statusOf(devnet, sent.signature)).toMatchObject({ err: error, status: { Err: error } });
  expect(await balanceOf(devnet, sent.payer.address)).toBe(10_000_000_000n - 5_000n);
});

test('never lands a transaction whose payer cannot pay the fee', async () => {
  const payer = await signerFrom('a payer without funds');
  const sent = await signed(devnet, payer, [transfer(payer, payer.address, 1n)]);
  await send(devnet, sent.base64);
  await advance(devnet, 2);
  expect(await statusOf(devnet, sent.signature)).toBeNull();
});

test('moves through processed, confirmed and finalized, block by block', async () => {
  const sent = await aTransfer();
  await send(devnet, sent.base64);
  await advance(devnet, 1);
  expect(await statusOf(devnet, sent.signature)).toMatchObject({
    confirmationStatus: 'processed',
    confirmations: 0,
  });
  expect(await balanceOf(devnet, sent.to, 'processed')).toBe(1_000_000_000n);
  expect(await balanceOf(devnet, sent.to, 'confirmed')).toBe(0n);
  await advance(devnet, 1);
  expect(await statusOf(devnet, sent.signature)).toMatchObject({
    confirmationStatus: 'confirmed',
    confirmations: 1,
  });
  expect(await balanceOf(devnet, sent.to, 'confirmed')).toBe(1_000_000_000n);
  await advance(devnet, 30);
  expect(await balanceOf(devnet, sent.to, 'finalized')).toBe(0n);
  await advance(devnet, 1);
  expect(await statusOf(devnet, sent.signature)).toMatchObject({
    confirmationStatus: 'finalized',
    confirmations: null,
  });
  expect(await balanceOf(devnet, sent.to, 'finalized')).toBe(1_000_000_000n);
});

test('finds an old status in the history only when asked to search there', async () => {
  const sent = await aTransfer();
  await send(devnet, sent.base64);
  await advance(devnet, 301);
  expect(await statusOf(devnet, sent.signature, false)).toBeNull();
  expect(await statusOf(devnet, sent.signature, true)).toMatchObject({ confirmationStatus: 'finalized' });
});

test('keeps slot and block height apart', async () => {
  const { result } = await call(devnet, 'getEpochInfo', [{ commitment: 'processed' }]);
  expect(result.blockHeight).toBeLessThan(result.absoluteSlot - 10);
});
