import { expect, test } from 'vitest';
import { walletBalances } from '../src/execution/wallet-balances.ts';
import { BONK, createWorld, SOL, USDC, WALLET } from './support/world.ts';

test('the wallet holds native and wrapped SOL together, and of other tokens what is not zero', async () => {
  const { engine } = await createWorld();
  const holdings = (tokens: [string, bigint][]) => {
    const anyNode = {
      ...engine.chain.anyNode,
      holdings: async (address: string) => ({
        lamports: address === WALLET ? 5n : 0n,
        tokens: new Map(tokens),
        slot: 7n,
      }),
    };
    return walletBalances({ ...engine, chain: { ...engine.chain, anyNode } });
  };
  expect(
    await holdings([
      [SOL.mint, 2n],
      [USDC.mint, 3n],
      [BONK.mint, 0n],
    ]),
  ).toEqual({
    address: WALLET,
    balances: [
      { token: SOL, amount: 7n },
      { token: USDC, amount: 3n },
    ],
    slot: 7n,
  });
  expect((await holdings([])).balances).toEqual([{ token: SOL, amount: 5n }]);
});
