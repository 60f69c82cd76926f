import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBase58 } from '@oee/amm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RAYDIUM_AMM_V4_AUTHORITY } from '../src/adapters/venues/raydium/amm-v4-swap.ts';
import type { Candidate } from '../src/domain/quote.ts';
import type { Token } from '../src/domain/token.ts';
import { quoteSwap } from '../src/execution/quote-swap.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import { ammV4PoolData, dumpOf, mintData, tokenAccountData } from './support/raydium-accounts.ts';

const key = (name: string) => encodeBase58(Buffer.alloc(32, `${name} `));
const MINTS = [key('coin'), key('pc')] as const;
const RESERVES = [10n ** 13n, 3n * 10n ** 13n] as const;
const PROFIT = [10n ** 10n, 2n * 10n ** 10n] as const;

let directory: string;
let world: DevnetWorld;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'oee-amm-v4-'));
  for (const mint of MINTS) dump(mint, 'token', mintData(6));
  const vaults = [key('coin vault'), key('pc vault')] as const;
  for (const index of [0, 1] as const)
    dump(
      vaults[index],
      'token',
      tokenAccountData({ mint: MINTS[index], owner: RAYDIUM_AMM_V4_AUTHORITY, amount: RESERVES[index] }),
    );
  const pool = { swapFeeNumerator: 25n, swapFeeDenominator: 10_000n };
  dump(key('pool'), 'ammV4', ammV4PoolData({ pool, needTakePnl: PROFIT, mints: MINTS, vaults }));
  world = await createDevnetWorld('amm v4 orders', { accountsDirectory: directory });
  const owner = world.engine.signer.address;
  await world.admin('fund', { owner, tokens: MINTS.map((mint) => ({ mint, amount: '1000000000000' })) });
}, 60_000);
afterAll(async () => {
  await world?.stop();
  rmSync(directory, { recursive: true });
});

function dump(address: string, owner: Parameters<typeof dumpOf>[1], data: Buffer): void {
  writeFileSync(join(directory, `${address}.json`), dumpOf(address, owner, data));
}

test.each([
  ['exactIn', MINTS[0], MINTS[1]],
  ['exactOut', MINTS[1], MINTS[0]],
] as const)(
  'an order of %s is filled by the program for what was quoted',
  async (swapMode, mintIn, mintOut) => {
    const [tokenIn, tokenOut] = [mintIn, mintOut].map((mint) => world.engine.tokens.find(mint) as Token) as [
      Token,
      Token,
    ];
    const { answers } = await quoteSwap(world.engine, { tokenIn, tokenOut, swapMode, amount: 12_345_678n });
    expect(answers).toMatchObject([{ outcome: 'quoted', quote: { venue: 'raydium' } }]);
    const { route } = (answers[0] as Extract<Candidate, { outcome: 'quoted' }>).quote;
    expect(route.legs).toMatchObject([{ poolKind: 'raydium-amm-v4', pool: key('pool') }]);

    const order = await world.submit({
      swapMode,
      tokenIn: mintIn,
      tokenOut: mintOut,
      amount: '12.345678',
      slippageBps: 0,
    });
    await world.advanceUntil(order, 'confirmed');
    const { amountIn, amountOut } = route;
    expect((await world.order(order)).fill).toMatchObject({ amountIn, amountOut });
  },
  60_000,
);
