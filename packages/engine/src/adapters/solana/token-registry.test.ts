import { decodeBase58 } from '@oee/amm';
import { expect, test } from 'vitest';
import { toMint } from '../../domain/token.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import { KNOWN_TOKENS } from './known-tokens.ts';
import { createTokenRegistry } from './token-registry.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const USDC = toMint('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';

function mintData(decimals: number): Uint8Array {
  const data = new Uint8Array(82);
  data[44] = decimals;
  data[45] = 1;
  return data;
}

const readerOf = (accounts: Record<string, { owner: string; data: Uint8Array }>): AccountReader => ({
  accounts: (addresses) =>
    Promise.resolve({ slot: 1n, accounts: addresses.map((address) => accounts[address]) }),
  programAccounts: () => Promise.reject(new Error('not asked here')),
});

test('every known mint is an address, and no two share a symbol', () => {
  for (const mint of KNOWN_TOKENS.keys()) expect(decodeBase58(mint)).toHaveLength(32);
  const symbols = [...KNOWN_TOKENS.values()].map((symbol) => symbol.toLowerCase());
  expect(new Set(symbols).size).toBe(symbols.length);
});

test('finds a token by mint, and by symbol without regard to case', async () => {
  const reader = readerOf({ [USDC]: { owner: TOKEN_PROGRAM, data: mintData(6) } });
  const tokens = createTokenRegistry({ readers: [reader], log });
  await tokens.learn([USDC, USDC]);
  const usdc = { mint: USDC, symbol: 'USDC', decimals: 6, tokenProgram: TOKEN_PROGRAM };
  expect(tokens.list()).toEqual([usdc]);
  expect(tokens.find('usdc')).toEqual(usdc);
  expect(tokens.find(USDC)).toEqual(usdc);
  expect(tokens.find(USDC.toLowerCase())).toBeUndefined();
});

test('shortens the mints of unknown tokens, and shows more of two that look alike', async () => {
  const mints = [`Abcd${'x'.repeat(36)}1wxyz`, `Abcd${'y'.repeat(36)}2wxyz`].map(toMint);
  const accounts = Object.fromEntries(
    mints.map((mint) => [mint, { owner: TOKEN_PROGRAM, data: mintData(9) }]),
  );
  const tokens = createTokenRegistry({ readers: [readerOf(accounts)], log });
  await tokens.learn(mints);
  expect(tokens.list().map(({ symbol }) => symbol)).toEqual(['Abcd…wxyz', 'Abcdy…2wxyz']);
});

test('leaves out accounts that are no mint of a token program', async () => {
  const reader = readerOf({
    [USDC]: { owner: '11111111111111111111111111111111', data: mintData(6) },
    short: { owner: TOKEN_PROGRAM, data: new Uint8Array(10) },
  });
  const tokens = createTokenRegistry({ readers: [reader], log });
  await tokens.learn([USDC, toMint('short'), toMint('absent')]);
  expect(tokens.list()).toEqual([]);
});

test('learns new tokens without renaming a known one', async () => {
  const mints = [toMint(`Abcd${'x'.repeat(36)}1wxyz`), toMint(`Abcd${'y'.repeat(36)}2wxyz`)] as const;
  const accounts: Parameters<typeof readerOf>[0] = {};
  const tokens = createTokenRegistry({ readers: [readerOf(accounts)], log });
  accounts[mints[1]] = { owner: TOKEN_PROGRAM, data: mintData(6) };
  await tokens.learn([mints[1]]);
  accounts[mints[0]] = { owner: TOKEN_PROGRAM, data: mintData(9) };
  await Promise.all([tokens.learn(mints), tokens.learn(mints)]);
  expect(tokens.list().map(({ mint, symbol }) => [mint, symbol])).toEqual([
    [mints[1], 'Abcd…wxyz'],
    [mints[0], 'Abcdx…1wxyz'],
  ]);
});
