import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPairFromBytes, getAddressFromPublicKey } from '@solana/kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadOrCreateWallet, WalletFileRefused } from './wallet-file.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oee-wallet-'));
  path = join(directory, 'deep', 'wallet.json');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('creates a wallet file that only its owner can read, and loads it again', async () => {
  const made = await loadOrCreateWallet(path);
  const loaded = await loadOrCreateWallet(path);
  expect(made.isNew).toBe(true);
  expect(loaded).toEqual({ ...made, isNew: false });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(directory, 'deep'))).toEqual(['wallet.json']);
});

test('writes a file that the Solana tools read', async () => {
  const { address } = await loadOrCreateWallet(path);
  const bytes = Uint8Array.from(JSON.parse(await readFile(path, 'utf8')) as number[]);
  const { publicKey } = await createKeyPairFromBytes(bytes);
  expect(await getAddressFromPublicKey(publicKey)).toBe(address);
});

test('gives one wallet to all processes that start together', async () => {
  const wallets = await Promise.all(Array.from({ length: 10 }, () => loadOrCreateWallet(path)));
  expect(new Set(wallets.map(({ address }) => address)).size).toBe(1);
  expect(wallets.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(await readdir(join(directory, 'deep'))).toEqual(['wallet.json']);
});

test('refuses a wallet file that other users can read, and names the remedy', async () => {
  await loadOrCreateWallet(path);
  await chmod(path, 0o640);
  await expect(loadOrCreateWallet(path)).rejects.toThrow(`can be read by others; run: chmod 600 ${path}`);
});

test.each([
  ['no JSON', 'secret words that nobody may see'],
  ['too short', '[1,2,3]'],
  ['no bytes', `[${'256,'.repeat(63)}1]`],
  ['another public key', `[${'7,'.repeat(63)}7]`],
])('refuses a file with %s without quoting it', async (_, text) => {
  path = join(directory, 'wallet.json');
  await writeFile(path, text, { mode: 0o600 });
  const error = (await loadOrCreateWallet(path).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toBeInstanceOf(WalletFileRefused);
  expect(`${error.stack}${String(error.cause)}`).not.toMatch(/secret words|7,7|256/);
});
