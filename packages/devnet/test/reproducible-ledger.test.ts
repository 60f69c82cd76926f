import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DevnetOptions, startDevnet } from '../src/index.ts';
import { call, post } from './support/client.ts';

/** Runs a chain with its market for so many slots, and gives a hash of every file of its ledger. */
async function ledgerOf(options: DevnetOptions, slots: number) {
  const directory = mkdtempSync(join(tmpdir(), 'devnet-same-'));
  const devnet = await startDevnet({
    port: 0,
    slotMs: 'manual',
    ledgerDirectory: directory,
    transactionsPerSegment: 400,
    ...options,
  });
  await post(devnet, '/admin/advance', { slots });
  const { result: slot } = await call(devnet, 'getSlot', [{ commitment: 'processed' }]);
  await devnet.stop();
  const files = readdirSync(directory).sort();
  const hashes = files.map((file) => {
    const hash = createHash('sha256').update(readFileSync(join(directory, file)));
    return `${file} ${hash.digest('hex')}`;
  });
  rmSync(directory, { recursive: true });
  return { hashes, slot };
}

const options = { seed: 'same', market: 'wild', ledgerId: 'chain-1' } as const;

test('the same name, seed and number of slots give the same ledger, byte for byte', async () => {
  const [first, again] = [await ledgerOf(options, 600), await ledgerOf(options, 600)];
  expect(first.slot).toBeGreaterThan(1_500);
  expect(first.hashes.length).toBeGreaterThan(6);
  expect(first.hashes.filter((line) => line.startsWith('snapshot-'))).toHaveLength(2);
  expect(again).toEqual(first);
});

test('another seed or another name gives another ledger', async () => {
  const [first, otherSeed, otherName] = [
    await ledgerOf(options, 50),
    await ledgerOf({ ...options, seed: 'other' }, 50),
    await ledgerOf({ ...options, ledgerId: 'chain-2' }, 50),
  ];
  expect(otherSeed.hashes).not.toEqual(first.hashes);
  expect(otherName.hashes).not.toEqual(first.hashes);
});
