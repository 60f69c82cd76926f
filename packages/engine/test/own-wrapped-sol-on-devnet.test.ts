import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatAmount } from '../src/domain/amount.ts';
import { isSol, SOL_MINT } from '../src/domain/token.ts';
import { walletBalances } from '../src/execution/wallet-balances.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import type { submitRequest } from './support/world.ts';

const OWN = 3_000_000_000n;

interface Ledger {
  readonly lamports: bigint;
  /** What each token account of the wallet holds, by mint. */
  readonly tokens: ReadonlyMap<string, bigint>;
  /** The wallet's accounts of wrapped SOL. */
  readonly wrapped: readonly {
    readonly address: string;
    readonly lamports: number;
    readonly amount: string;
  }[];
}

/** What the chain itself says, asked past the engine. */
async function readLedger({ devnet, engine }: DevnetWorld): Promise<Ledger> {
  const ask = async (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(devnet.url, { method: 'POST', headers, body });
    return ((await answer.json()) as { result: { value: unknown } }).result.value;
  };
  const owner = engine.signer.address;
  const program = { programId: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA' };
  const lamports = (await ask('getBalance', [owner])) as number;
  const held = (await ask('getTokenAccountsByOwner', [owner, program, { encoding: 'jsonParsed' }])) as {
    pubkey: string;
    account: {
      lamports: number;
      data: { parsed: { info: { mint: string; tokenAmount: { amount: string } } } };
    };
  }[];
  const accounts = held.map(({ pubkey, account }) => {
    const { mint, tokenAmount } = account.data.parsed.info;
    return { address: pubkey, mint, lamports: account.lamports, amount: tokenAmount.amount };
  });
  return {
    lamports: BigInt(lamports),
    tokens: new Map(accounts.map(({ mint, amount }) => [mint, BigInt(amount)])),
    wrapped: accounts
      .filter(({ mint }) => mint === SOL_MINT)
      .map(({ address, lamports: own, amount }) => ({ address, lamports: own, amount })),
  };
}

const newWorld = (seed: string) =>
  createDevnetWorld(seed, {
    meteora: { lookupTables: true },
    jupiterAt: (url) => `${url}/swap/v2`,
    limits: { maxPriceImpactBps: 10_000 },
  });

const fund = (world: DevnetWorld, symbol: string, amount: bigint) =>
  world.admin('fund', {
    owner: world.engine.signer.address,
    tokens: [{ mint: world.engine.tokens.find(symbol)!.mint, amount: String(amount) }],
  });

/** Runs an order to its end, and holds what the ledger says against what the engine reports. */
async function run(world: DevnetWorld, request: Parameters<typeof submitRequest>[0]) {
  const before = await readLedger(world);
  const order = await world.submit(request);
  await world.advanceUntil(order, 'confirmed').catch(async (error: unknown) => {
    const { failure, venue } = await world.order(order);
    throw new Error(JSON.stringify({ failure, venue }), { cause: error });
  });
  while (!(await world.order(order)).finalized) await world.admin('advance', { slots: 10 });
  const after = await readLedger(world);
  const { fill, request: asked, venue } = await world.order(order);
  const { networkLamports, rentLamports, rentRefundedLamports } = fill!.fees;
  expect([networkLamports > 0n, rentLamports >= 0n, rentRefundedLamports]).toEqual([true, true, 0n]);
  const finalized = (await world.engine.orders.events(order.request.orderId, 0, 100)).at(-1);
  const dust = finalized?.type === 'order.finalized' ? (finalized.data.dust ?? []) : [];
  const sol = dust.find(({ token }) => token === 'SOL')?.amount ?? '0';
  const gained = new Map([[asked.tokenIn.mint, -fill!.amountIn]]).set(asked.tokenOut.mint, fill!.amountOut);
  expect(after.lamports - before.lamports).toBe(
    (gained.get(SOL_MINT) ?? 0n) + BigInt(Math.round(Number(sol) * 1e9)) - networkLamports - rentLamports,
  );
  for (const [mint, amount] of gained)
    if (mint !== SOL_MINT)
      expect((after.tokens.get(mint) ?? 0n) - (before.tokens.get(mint) ?? 0n)).toBe(amount);
  return { before, after, venue, dust: sol };
}

let world: DevnetWorld;
beforeAll(async () => {
  world = await newWorld('own wrapped');
  await fund(world, 'SOL', OWN);
  await fund(world, 'WIF', 1_000_000_000n);
});
afterAll(() => world?.stop());

describe('3 wrapped SOL of the wallet stay to the lamport, and the balances add up', () => {
  test.each<[string, Parameters<typeof submitRequest>[0]]>([
    ['SOL is spent', { tokenIn: 'SOL', tokenOut: 'USDC', amount: '1.5' }],
    ['SOL is received', { tokenIn: 'USDC', tokenOut: 'SOL', amount: '100' }],
    [
      'SOL is spent for an exact output',
      { tokenIn: 'SOL', tokenOut: 'USDC', swapMode: 'exactOut', amount: '100' },
    ],
    [
      'an exact amount of SOL is received',
      { tokenIn: 'USDC', tokenOut: 'SOL', swapMode: 'exactOut', amount: '0.2' },
    ],
    [
      'the order is guarded by a receipt',
      { tokenIn: 'SOL', tokenOut: 'USDC', amount: '1', executionGuard: 'strict' },
    ],
    ['a route passes through SOL', { tokenIn: 'WIF', tokenOut: 'BONK', amount: '500' }],
    ['many pools take SOL', { tokenIn: 'SOL', tokenOut: 'USDC', amount: '5000', slippageBps: 500 }],
    ['SOL is not part of it', { tokenIn: 'USDC', tokenOut: 'USDT', amount: '10' }],
  ])('when %s', async (_, request) => {
    const { before, after } = await run(world, request);
    expect(before.wrapped).toMatchObject([{ amount: String(OWN), lamports: Number(OWN) + 2_039_280 }]);
    expect(after.wrapped).toEqual(before.wrapped);
  });
});

test('the API shows wrapped SOL beside the spendable SOL, and an order that needs it fails and names the native SOL', async () => {
  const { lamports } = await readLedger(world);
  const { balances, wrappedSol } = await walletBalances(world.engine);
  expect(balances.find(({ token }) => isSol(token))?.amount).toBe(lamports);
  expect(wrappedSol).toBe(OWN);
  const amount = formatAmount(lamports + OWN / 2n, 9);
  const order = await world.submit({ tokenIn: 'SOL', tokenOut: 'USDC', amount, slippageBps: 9_000 });
  await world.advanceUntil(order, 'failed');
  const { failure } = await world.order(order);
  expect(failure).toMatchObject({ code: 'insufficient_funds' });
  expect(failure?.reason).toContain(
    `It needs ${amount} SOL and the wallet has ${formatAmount(lamports, 9)} SOL.`,
  );
});

test('an empty account of wrapped SOL stays open, with its rent', async () => {
  const other = await newWorld('empty wrapped');
  try {
    await fund(other, 'SOL', 0n);
    for (const request of [
      { tokenIn: 'SOL', tokenOut: 'USDC', amount: '1.5' },
      { tokenIn: 'USDC', tokenOut: 'SOL', amount: '100' },
    ]) {
      const { before, after } = await run(other, request);
      expect(before.wrapped).toMatchObject([{ amount: '0', lamports: 2_039_280 }]);
      expect(after.wrapped).toEqual(before.wrapped);
    }
  } finally {
    await other.stop();
  }
});

test("Jupiter's instructions for the wallet's account run in the order's account", async () => {
  const other = await createDevnetWorld('jupiter wrapped', {
    jupiterAt: (url) => `${url}/swap/v2`,
    limits: { maxLegs: 2 },
  });
  try {
    await fund(other, 'SOL', OWN);
    await fund(other, 'WIF', 1_000_000_000n);
    const venues: (string | null)[] = [];
    for (const request of [
      { tokenIn: 'WIF', tokenOut: 'BONK', amount: '500' },
      { tokenIn: 'SOL', tokenOut: 'BONK', amount: '2' },
      { tokenIn: 'WIF', tokenOut: 'SOL', amount: '20' },
    ]) {
      const { before, after, venue } = await run(other, request);
      expect(after.wrapped).toEqual(before.wrapped);
      venues.push(venue);
    }
    expect(venues).toContain('jupiter');
  } finally {
    await other.stop();
  }
});
