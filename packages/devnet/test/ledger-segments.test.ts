import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyPairSigner } from '@solana/kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import {
  advance,
  balanceOf,
  call,
  fundedSigner,
  get,
  send,
  signed,
  signerFrom,
  startManualDevnet,
  statusOf,
  transfer,
} from './support/client.ts';

let root: string;
const running: Devnet[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'devnet-segments-'));
});
afterEach(async () => {
  for (const devnet of running.splice(0)) await devnet.stop();
  rmSync(root, { recursive: true, force: true });
});

async function start(name: string, limits = {}): Promise<Devnet> {
  const ledgerDirectory = join(root, name);
  const devnet = await startManualDevnet({ ledgerDirectory, transactionsPerSegment: 5, ...limits });
  running.push(devnet);
  return devnet;
}

/** The directory as a crash at this moment would leave it. */
function crashImage(name: string, imageName: string): string {
  cpSync(join(root, name), join(root, imageName), { recursive: true });
  rmSync(join(root, imageName, 'lock'));
  return join(root, imageName);
}

async function landTransfers(devnet: Devnet, payer: KeyPairSigner, count: number): Promise<string[]> {
  const signatures: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { address } = await signerFrom(`recipient ${index}`);
    const sent = await signed(devnet, payer, [transfer(payer, address, 1_000_000n + BigInt(index))]);
    await send(devnet, sent.base64);
    await advance(devnet, 1);
    signatures.push(sent.signature);
  }
  return signatures;
}

function filesOf(name: string, pattern: RegExp): string[] {
  return readdirSync(join(root, name)).filter((file) => pattern.test(file));
}

test('a crash between any two blocks leaves a ledger that continues where it was', async () => {
  const devnet = await start('live');
  const payer = await fundedSigner(devnet);
  for (let round = 0; round < 12; round += 1) {
    const [signature] = await landTransfers(devnet, payer, 1);
    const expected = (await get(devnet, '/admin/status')).body;
    crashImage('live', `image-${round}`);
    const image = await start(`image-${round}`);
    expect((await get(image, '/admin/status')).body).toEqual(expected);
    expect(await statusOf(image, signature!)).toMatchObject({ err: null });
    expect(await balanceOf(image, payer.address)).toBe(await balanceOf(devnet, payer.address));
  }
  expect(filesOf('live', /journal$/).length).toBeGreaterThan(2);
});

test('a damaged newest snapshot is refused, and the one before it and the journal give the same', async () => {
  const devnet = await start('live');
  const payer = await fundedSigner(devnet);
  const signatures = await landTransfers(devnet, payer, 12);
  const expected = (await get(devnet, '/admin/status')).body;
  const image = crashImage('live', 'image');
  const newest = filesOf('image', /^snapshot-/).at(-1)!;
  writeFileSync(join(image, newest), 'not a snapshot');

  await expect(start('image')).rejects.toThrow(newest);
  rmSync(join(image, newest));
  const restored = await start('image');

  expect((await get(restored, '/admin/status')).body).toEqual(expected);
  for (const signature of signatures)
    expect(await statusOf(restored, signature)).toMatchObject({ err: null });
});

test('a missing index of an old segment is read from the segment itself', async () => {
  const devnet = await start('live');
  const payer = await fundedSigner(devnet);
  await landTransfers(devnet, payer, 12);
  const { body: expected } = await get(devnet, '/admin/ledger');
  const image = crashImage('live', 'image');
  for (const index of filesOf('image', /index$/)) rmSync(join(image, index));

  const restored = await start('image');

  expect((await get(restored, '/admin/ledger')).body).toEqual(expected);
});

test('the ledger drops old segments when it has more transactions than it keeps', async () => {
  const devnet = await start('live', { maxTransactions: 10 });
  expect((await call(devnet, 'getFirstAvailableBlock')).result).toBe(0);
  const payer = await fundedSigner(devnet);
  const signatures = await landTransfers(devnet, payer, 30);
  const first = signatures[0]!;
  const last = signatures.at(-1)!;
  const config = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 };
  await advance(devnet, 1);

  expect(await statusOf(devnet, first)).toBeNull();
  expect((await call(devnet, 'getTransaction', [first, config])).result).toBeNull();
  const { result } = await call(devnet, 'getTransaction', [last, config]);
  expect((await call(devnet, 'getFirstAvailableBlock')).result).toBeLessThan(result.slot);
  expect((await call(devnet, 'getFirstAvailableBlock')).result).toBeGreaterThan(1_000);
  const { result: listed } = await call(devnet, 'getSignaturesForAddress', [
    payer.address,
    { commitment: 'confirmed' },
  ]);
  expect(listed.length).toBeLessThan(20);
  expect(listed[0].signature).toBe(last);
  expect(filesOf('live', /journal$/).length).toBeLessThan(5);
});
