import { expect, test } from 'vitest';
import type { Mint } from '../src/domain/token.ts';
import { walletBalances } from '../src/execution/wallet-balances.ts';
import { lyingNode } from './support/lying-node.ts';
import { BONK, createWorld, SOL, USDC, WALLET } from './support/world.ts';

test('native SOL is what orders can spend, wrapped SOL stands beside it, and tokens that the wallet has none of are left out', async () => {
  const holdings = async (tokens: [Mint, bigint][]) => {
    const world = await createWorld({
      nodes: ({ chain }) => [
        lyingNode(chain.anyNode, {
          holdings: async (address) => ({
            lamports: address === WALLET ? 5n : 0n,
            tokens: new Map(tokens),
            slot: 7n,
          }),
        }),
      ],
    });
    return walletBalances(world.engine);
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
      { token: SOL, amount: 5n },
      { token: USDC, amount: 3n },
    ],
    wrappedSol: 2n,
    slot: 7n,
  });
  expect(await holdings([])).toMatchObject({ balances: [{ token: SOL, amount: 5n }], wrappedSol: 0n });
});
