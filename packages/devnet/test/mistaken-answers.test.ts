import { afterEach, beforeEach, expect, test } from 'vitest';
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

let devnet: Devnet;
beforeEach(async () => {
  devnet = await startManualDevnet();
});
afterEach(() => devnet.stop());

const CONFIRMED = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };

const result = async (method: string, params: unknown[] = []) => (await call(devnet, method, params)).result;

async function landed(lamports: bigint): Promise<string> {
  const payer = await fundedSigner(devnet);
  const transaction = await signed(devnet, payer, [transfer(payer, payer.address, lamports)]);
  await send(devnet, transaction.base64);
  await advance(devnet, 2);
  return transaction.signature;
}

test('a node of another chain has another genesis hash and height, and knows no transaction of this chain', async () => {
  const signature = await landed(1n);
  const home = [
    await result('getGenesisHash'),
    await result('getEpochInfo'),
    await result('getTransaction', [signature, CONFIRMED]),
  ];
  await post(devnet, '/admin/faults', { otherChain: { rate: 1 } });
  expect(await result('getGenesisHash')).not.toBe(home[0]);
  expect(await result('getGenesisHash')).toBe(await result('getGenesisHash'));
  expect((await result('getEpochInfo')).blockHeight).toBe(home[1].blockHeight + 1_000_000);
  const { context, value } = await result('getSignatureStatuses', [
    [signature],
    { searchTransactionHistory: true },
  ]);
  expect(value).toEqual([null]);
  expect(context.slot).toBeGreaterThan(1_000_000);
  expect(await result('getTransaction', [signature, CONFIRMED])).toBeNull();
  expect(await result('getFirstAvailableBlock')).toBe(0);
  const { slot } = home[2];
  expect(await result('getBlock', [slot, CONFIRMED])).toBeNull();
  expect(await result('getBlocks', [slot, slot, CONFIRMED])).toEqual([]);
  await fetch(`${devnet.url}/admin/faults`, { method: 'DELETE' });
  expect(await result('getGenesisHash')).toBe(home[0]);
  expect(await result('getTransaction', [signature, CONFIRMED])).not.toBeNull();
});

test('the fault gives an answer another id than its request', async () => {
  await post(devnet, '/admin/faults', { wrongId: { next: 1 } });
  expect(await call(devnet, 'getSlot')).toMatchObject({ id: -1 });
  expect(await call(devnet, 'getSlot')).not.toMatchObject({ id: -1 });
});

test('the fault shows another transaction in place of the requested one', async () => {
  const [first, second] = [await landed(1n), await landed(2n)];
  const shown = async () => (await result('getTransaction', [first, CONFIRMED])).transaction.signatures[0];
  await post(devnet, '/admin/faults', { otherTransaction: { next: 1 } });
  expect(await shown()).toBe(second);
  expect(await shown()).toBe(first);
});
