import { expect, test } from 'vitest';
import { isMintLike, toMint } from './token.ts';
import { TokenList } from './token-list.ts';

const token = (mint: string, symbol: string) => ({
  mint: toMint(mint),
  symbol,
  decimals: 6,
  tokenProgram: 't',
});

test('a token is found by its mint, and by its symbol in any case', () => {
  const list = new TokenList();
  expect(list.list()).toEqual([]);
  const usdc = token('Mint1', 'usdC');
  list.add(usdc);
  for (const name of ['Mint1', 'usdC', 'USDC', 'usdc']) expect(list.find(name)).toBe(usdc);
  for (const name of ['mint', 'MINT1', 'USD']) expect(list.find(name)).toBeUndefined();
  expect(list.list()).toEqual([usdc]);
});

test('no two tokens share a mint or a symbol, and a refused token leaves no entry', () => {
  const list = new TokenList();
  list.add(token('Mint1', 'USDC'));
  expect(() => list.add(token('Mint1', 'OTHER'))).toThrow('two tokens are called Mint1');
  expect(() => list.add(token('Mint2', 'usdc'))).toThrow('two tokens are called usdc');
  expect(list.find('Mint2')).toBeUndefined();
  expect(list.find('OTHER')).toBeUndefined();
  expect(list.list()).toHaveLength(1);
});

test('a mint has 32 to 44 characters of base58', () => {
  expect([31, 32, 44, 45].map((length) => isMintLike('A'.repeat(length)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  for (const other of ['0', 'O', 'I', 'l', ' ', '-'])
    for (const text of [other + 'A'.repeat(39), 'A'.repeat(39) + other]) expect(isMintLike(text)).toBe(false);
});
