import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAmount } from '../src/domain/amount.ts';
import type { Candidate } from '../src/domain/quote.ts';
import type { Token } from '../src/domain/token.ts';
import { quoteSwap } from '../src/execution/quoting/quote-swap.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

/** The pair of the market's concentrated pool of Raydium, which is the deepest of the pair's three. */
const PAIR = ['RAY', 'USDC'] as const;

let world: DevnetWorld;
let tokens: readonly [Token, Token];
beforeAll(async () => {
  world = await createDevnetWorld('clmm orders');
  tokens = PAIR.map((symbol) => world.engine.tokens.list().find((token) => token.symbol === symbol)) as [
    Token,
    Token,
  ];
  const owner = world.engine.signer.address;
  await world.admin('fund', { owner, tokens: tokens.map(({ mint }) => ({ mint, amount: '900000000000' })) });
}, 60_000);
afterAll(() => world?.stop());

test.each([
  ['exactIn', 'RAY', '12.345678'],
  ['exactOut', 'USDC', '12.345678'],
  // Beyond the narrowest of its three positions.
  ['exactIn', 'USDC', '60000'],
] as const)(
  'an order of %s that pays with %s is filled by the CLMM pool for the quoted amounts',
  async (swapMode, symbol, amount) => {
    const [tokenIn, tokenOut] = symbol === 'RAY' ? tokens : [tokens[1], tokens[0]];
    const decimals = swapMode === 'exactIn' ? tokenIn.decimals : tokenOut.decimals;
    const { amount: baseUnits } = parseAmount(amount, decimals) as { amount: bigint };
    const { answers } = await quoteSwap(world.engine, { tokenIn, tokenOut, swapMode, amount: baseUnits });
    const routes = answers.map((answer) => (answer as Extract<Candidate, { outcome: 'quoted' }>).quote.route);
    expect(routes.length).toBe(3);
    const route = routes.find(({ legs }) => legs[0]?.poolKind === 'raydium-clmm')!;

    const order = await world.submit({
      swapMode,
      tokenIn: tokenIn.mint,
      tokenOut: tokenOut.mint,
      amount,
      slippageBps: 0,
    });
    await world.advanceUntil(order, 'confirmed');
    const { amountIn, amountOut } = route;
    expect((await world.order(order)).fill).toMatchObject({ amountIn, amountOut });
  },
  60_000,
);
