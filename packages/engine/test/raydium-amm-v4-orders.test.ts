import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBase58, RAYDIUM_AMM_V4_PROGRAM } from '@oee/amm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/requires.ts';
import { PROGRAM_DIRECTORY } from '../../devnet/src/programs.ts';
import { compileProgram } from '../../devnet/src/toolchain/compile-program.ts';
import { linkProgram } from '../../devnet/src/toolchain/link-program.ts';
import { RAYDIUM_AMM_V4_AUTHORITY } from '../src/adapters/venues/raydium/amm-v4-swap.ts';
import type { Candidate } from '../src/domain/quote.ts';
import type { Token } from '../src/domain/token.ts';
import { quoteSwap } from '../src/execution/quoting/quote-swap.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import { ammV4PoolData, dumpOf, mintData, tokenAccountData } from './support/raydium-accounts.ts';

const key = (name: string) => encodeBase58(Buffer.alloc(32, `${name} `));
/** Two pairs with a pool each: one of status 6, which every version of the program serves, and one of status 1. */
const SERVED = { mints: [key('coin'), key('pc')], pool: key('pool'), status: 6n } as const;
const INITIALIZED = {
  mints: [key('other coin'), key('other pc')],
  pool: key('initialized'),
  status: 1n,
} as const;
const MINTS = SERVED.mints;
const RESERVES = [10n ** 13n, 3n * 10n ** 13n] as const;
const PROFIT = [10n ** 10n, 2n * 10n ** 10n] as const;

const directories: string[] = [];
const worlds: DevnetWorld[] = [];
let world: DevnetWorld;
beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(async () => {
  for (const each of worlds) await each.stop();
  for (const directory of directories) rmSync(directory, { recursive: true });
});

/** @param program In place of the devnet's own. */
async function createWorld(program?: Buffer): Promise<DevnetWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'oee-amm-v4-'));
  directories.push(directory);
  const dump = (address: string, owner: Parameters<typeof dumpOf>[1], data: Buffer) =>
    writeFileSync(join(directory, `${address}.json`), dumpOf(address, owner, data));
  if (program) writeFileSync(join(directory, `${RAYDIUM_AMM_V4_PROGRAM}.so`), program);
  for (const { mints, pool, status } of [SERVED, INITIALIZED]) {
    const vaults = [key(`coin of ${status}`), key(`pc of ${status}`)] as const;
    for (const index of [0, 1] as const) {
      const mint = mints[index];
      dump(mint, 'token', mintData(6));
      const vault = { mint, owner: RAYDIUM_AMM_V4_AUTHORITY, amount: RESERVES[index] };
      dump(vaults[index], 'token', tokenAccountData(vault));
    }
    const fee = { swapFeeNumerator: 25n, swapFeeDenominator: 10_000n };
    dump(pool, 'ammV4', ammV4PoolData({ status, pool: fee, needTakePnl: PROFIT, mints, vaults }));
  }
  const created = await createDevnetWorld('amm v4 orders', { accountsDirectory: directory });
  worlds.push(created);
  const owner = created.engine.signer.address;
  const mints = [...SERVED.mints, ...INITIALIZED.mints];
  await created.admin('fund', { owner, tokens: mints.map((mint) => ({ mint, amount: '1000000000000' })) });
  return created;
}

function tokensOf({ engine }: DevnetWorld, mints: readonly string[]): [Token, Token] {
  return mints.map((mint) => engine.tokens.find(mint) as Token) as [Token, Token];
}

test.each([
  ['exactIn', MINTS[0], MINTS[1]],
  ['exactOut', MINTS[1], MINTS[0]],
] as const)(
  'an order of %s is filled by the program for the quoted amounts',
  async (swapMode, mintIn, mintOut) => {
    const [tokenIn, tokenOut] = tokensOf(world, [mintIn, mintOut]);
    const { answers } = await quoteSwap(world.engine, { tokenIn, tokenOut, swapMode, amount: 12_345_678n });
    expect(answers).toMatchObject([{ outcome: 'quoted', quote: { venue: 'raydium' } }]);
    const { route } = (answers[0] as Extract<Candidate, { outcome: 'quoted' }>).quote;
    expect(route.legs).toMatchObject([{ poolKind: 'raydium-amm-v4', pool: SERVED.pool }]);

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

test('a pool of status 1 is not quoted where the program answers that it does not take such swaps', async () => {
  const [tokenIn, tokenOut] = tokensOf(world, INITIALIZED.mints);
  const { answers } = await quoteSwap(world.engine, {
    tokenIn,
    tokenOut,
    swapMode: 'exactIn',
    amount: 1_000n,
  });
  expect(answers).toMatchObject([{ outcome: 'refused', pool: INITIALIZED.pool }]);
});

describeWith({ needs: 'clang-19' })('with a program version that knows no order book', () => {
  test('a pool of status 1 is quoted, and an order through it is filled', async () => {
    const newer = await createWorld(programWithoutOrderBook());
    const [tokenIn, tokenOut] = INITIALIZED.mints;
    const order = await newer.submit({ tokenIn, tokenOut, amount: '1', slippageBps: 0 });
    await newer.advanceUntil(order, 'confirmed');
    expect((await newer.order(order)).fill?.amountIn).toBe(1_000_000n);
  }, 120_000);
});

/** The devnet's program, in which only status 5 lends to an order book. */
function programWithoutOrderBook(): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'oee-amm-v4-program-'));
  directories.push(directory);
  cpSync(PROGRAM_DIRECTORY, directory, { recursive: true });
  const path = join(directory, 'raydium-amm-v4.c');
  const source = readFileSync(path, 'utf8');
  const changed = source.replace('status == STATUS_INITIALIZED || status == STATUS_ORDER_BOOK_ONLY;', '0;');
  expect(changed).not.toBe(source);
  writeFileSync(path, changed);
  return linkProgram(compileProgram(directory, 'raydium-amm-v4.c'));
}
