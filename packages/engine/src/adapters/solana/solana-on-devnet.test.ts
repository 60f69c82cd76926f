import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Devnet, startDevnet } from '@oee/devnet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../domain/block-height.ts';
import { toOrderId } from '../../domain/order.ts';
import type { QuoteAnswer, SwapMode } from '../../domain/quote.ts';
import { type Signature, toSignature } from '../../domain/signature.ts';
import { SOL_MINT, type Token } from '../../domain/token.ts';
import { POOL_PROGRAM_ERRORS, POOL_SWAP_INSPECTORS } from '../../main/pool-venues.ts';
import type { LandedTransaction, SignatureStatus } from '../../ports/chain.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Signer } from '../../ports/signer.ts';
import type { TokenRegistry } from '../../ports/token-registry.ts';
import type { Venue } from '../../ports/venue.ts';
import { createKeypairSigner } from '../signers/keypair-signer.ts';
import { loadOrCreateWallet } from '../signers/wallet-file.ts';
import { systemClock } from '../system/clock.ts';
import { createHttpClient } from '../system/http-client.ts';
import { meteoraDammV2 } from '../venues/meteora/meteora-damm-v2.ts';
import { meteoraDlmm } from '../venues/meteora/meteora-dlmm.ts';
import { createPoolVenue } from '../venues/pool-venue.ts';
import { createRaydiumAmmV4 } from '../venues/raydium/raydium-amm-v4.ts';
import { raydiumClmm } from '../venues/raydium/raydium-clmm.ts';
import { raydiumCpmm } from '../venues/raydium/raydium-cpmm.ts';
import { createAccountFeed } from './account-feed.ts';
import { createSolanaChain, type SolanaChain } from './chain.ts';
import { createTokenRegistry } from './token-registry.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
let devnet: Devnet;
let chain: SolanaChain;
let signer: Signer;
let tokens: TokenRegistry;
let venues: Record<'raydium' | 'raydium-amm-v4' | 'raydium-clmm' | 'meteora' | 'meteora-dlmm', Venue>;
let directory: string;

beforeAll(async () => {
  devnet = await startDevnet({ port: 0, slotMs: 20, market: 'none', seed: 'solana-on-devnet' });
  directory = await mkdtemp(join(tmpdir(), 'oee-wallet-'));
  const { secretKey } = await loadOrCreateWallet(join(directory, 'wallet.json'));
  signer = createKeypairSigner({ secretKey, inspectors: POOL_SWAP_INSPECTORS });
  chain = createSolanaChain({
    http: createHttpClient(),
    nodes: [devnet],
    genesisHash: devnet.genesisHash,
    log,
    programErrors: POOL_PROGRAM_ERRORS,
  });
  const { reader } = chain;
  const registry = createTokenRegistry({ readers: [reader], log });
  tokens = registry;
  const feed = createAccountFeed({ reader: chain.reader, onSlot: chain.onSlot, clock: systemClock });
  const options = { reader, feed, tokens: registry, clock: systemClock, log };
  const found = {
    raydium: createPoolVenue(raydiumCpmm, options),
    'raydium-amm-v4': createPoolVenue(createRaydiumAmmV4(), options),
    'raydium-clmm': createPoolVenue(raydiumClmm, options),
    meteora: createPoolVenue(meteoraDammV2, options),
    'meteora-dlmm': createPoolVenue(meteoraDlmm, options),
  };
  await Promise.all(Object.values(found).map((venue) => venue.discover()));
  venues = found;
  await fund(signer.address, {
    lamports: '50000000000',
    tokens: [{ mint: token('USDC').mint, amount: '5000000000' }],
  });
}, 60_000);

afterAll(async () => {
  chain?.close();
  await devnet?.stop();
  await rm(directory, { recursive: true, force: true });
});

const CASES = (['raydium', 'meteora', 'meteora-dlmm'] as const).flatMap((venue) =>
  (['exactIn', 'exactOut'] as const).flatMap((swapMode) => [
    {
      venue,
      swapMode,
      tokenIn: 'SOL',
      tokenOut: 'USDC',
      amount: swapMode === 'exactIn' ? 1_500_000_000n : 90_000_000n,
    },
    {
      venue,
      swapMode,
      tokenIn: 'USDC',
      tokenOut: 'SOL',
      amount: swapMode === 'exactIn' ? 90_000_000n : 400_000_000n,
    },
    {
      venue,
      swapMode,
      tokenIn: 'USDC',
      tokenOut: venue === 'meteora-dlmm' ? 'PYTH' : 'JUP',
      amount: 25_000_000n,
    },
  ]),
);

describe('a swap on the devnet', () => {
  test.each(CASES)('$venue moves exactly what it quoted: $swapMode $tokenIn to $tokenOut', async (swap) => {
    const tokenIn = token(swap.tokenIn);
    const tokenOut = token(swap.tokenOut);
    const { quote, landed, holdings } = await execute({ ...swap, tokenIn, tokenOut });

    const [leg] = quote.route.legs;
    expect(landed.error).toBeNull();
    expect(delta(landed.tokens(leg!.vaultIn!))).toBe(quote.route.amountIn);
    expect(delta(landed.tokens(leg!.vaultOut!))).toBe(-quote.route.amountOut);
    expect(quote.route[swap.swapMode === 'exactIn' ? 'amountIn' : 'amountOut']).toBe(swap.amount);
    for (const [each, moved] of [
      [tokenIn, -quote.route.amountIn],
      [tokenOut, quote.route.amountOut],
    ] as const) {
      if (each.mint === SOL_MINT) continue; // The wallet's SOL also pays fees and rent.
      expect(holdings.after.tokens.get(each.mint)).toBe(
        (holdings.before.tokens.get(each.mint) ?? 0n) + moved,
      );
    }
    const solMoved =
      tokenIn.mint === SOL_MINT
        ? -quote.route.amountIn
        : tokenOut.mint === SOL_MINT
          ? quote.route.amountOut
          : 0n;
    const rent = rentOfNewAccounts(landed, holdings.opened);
    expect(delta(landed.lamports(signer.address))).toBe(solMoved - landed.feeLamports - rent);
  });

  test('is read as slippage when the pool gives less than the least output', async () => {
    const swap = { venue: 'raydium', swapMode: 'exactIn', amount: 1_000_000_000n } as const;
    const message = await build(
      { ...swap, tokenIn: token('SOL'), tokenOut: token('USDC') },
      (out) => out + 1n,
    );
    const simulation = await node().simulate(message.bytes);
    expect(simulation).toMatchObject({ outcome: 'failed', error: { kind: 'slippage' } });

    const { signature, bytes } = await signer.sign(message.bytes, message.policy);
    await node().send(bytes);
    const status = await settled(signature);
    expect(status.error?.kind).toBe('slippage');
    const landed = await node().transaction(signature, 'confirmed');
    expect(landed?.error).toMatchObject({
      kind: 'slippage',
      text: expect.stringContaining("Raydium's CPMM program says: it gives less"),
    });
    expect(landed?.feeLamports).toBeGreaterThanOrEqual(5_000n);
  });

  test('is read as slippage by Meteora too', async () => {
    const swap = { venue: 'meteora', swapMode: 'exactOut', amount: 50_000_000n } as const;
    const message = await build(
      { ...swap, tokenIn: token('SOL'), tokenOut: token('USDC') },
      (amountIn) => amountIn - 1n,
    );
    expect(await node().simulate(message.bytes)).toMatchObject({
      outcome: 'failed',
      error: { kind: 'slippage' },
    });
  });

  test.each(['SOL', 'RAY'])('is read as insufficient funds when the wallet lacks %s', async (symbol) => {
    const tokenIn = token(symbol);
    const tokenOut = token('USDC');
    const amount = symbol === 'SOL' ? 60_000_000_000n : 1_000_000_000n;
    const message = await build({ venue: 'raydium', swapMode: 'exactIn', amount, tokenIn, tokenOut });
    expect(await node().simulate(message.bytes)).toMatchObject({
      outcome: 'failed',
      error: { kind: 'insufficientFunds' },
    });
  });
});

describe('the chain on the devnet', () => {
  test('knows no status of a signature that was never sent', async () => {
    const signature = toSignature('1'.repeat(64));
    const { contextSlot, statuses } = await node().signatureStatuses([signature], { searchHistory: true });
    expect(statuses).toEqual([null]);
    expect(contextSlot).toBeGreaterThan(0n);
    expect(await node().transaction(signature, 'confirmed')).toBeNull();
  });

  test('gives the finalized height and slot, and the first available slot', async () => {
    const { blockHeight, absoluteSlot } = await node().finalizedEpoch();
    expect(absoluteSlot).toBeGreaterThanOrEqual(blocksOf(blockHeight));
    expect(await node().firstAvailableSlot()).toBeLessThanOrEqual(absoluteSlot);
  });

  test('hints at slots over the socket', async () => {
    const slots: bigint[] = [];
    const stop = chain.onSlot((slot) => slots.push(slot));
    await expect.poll(() => slots.length, { timeout: 5_000 }).toBeGreaterThan(3);
    stop();
    expect(slots).toEqual([...slots].sort((left, right) => Number(left - right)));
  });

  test('hints at slots by polling where there is no socket', async () => {
    const polled = createSolanaChain({
      http: createHttpClient(),
      nodes: [{ url: devnet.url, wsUrl: null }],
      genesisHash: devnet.genesisHash,
      log,
      pollIntervalMs: 20,
    });
    const slots: bigint[] = [];
    polled.onSlot((slot) => slots.push(slot));
    await expect.poll(() => slots.length, { timeout: 5_000 }).toBeGreaterThan(3);
    polled.close();
  });

  test('finds every pool of the market, with reserves and fees', async () => {
    for (const venue of Object.values(venues))
      for (const { tokenA, tokenB } of venue.pools())
        await venue.quote(sell(tokenA.symbol, tokenB.symbol, 1_000n), AbortSignal.timeout(2_000));
    const pools = Object.values(venues).flatMap((venue) => venue.pools());
    const market = (await (await fetch(`${devnet.url}/admin/market`)).json()) as {
      pools: { address: string; feeBps: number }[];
    };
    expect(pools.map(({ address }) => address).sort()).toEqual(
      market.pools.map(({ address }) => address).sort(),
    );
    for (const pool of pools) {
      expect(pool.reserveA).toBeGreaterThan(0n);
      expect(pool.reserveB).toBeGreaterThan(0n);
      expect(pool.feeBps).toBe(market.pools.find(({ address }) => address === pool.address)?.feeBps);
    }
  });
});

interface Swap {
  readonly venue: 'raydium' | 'meteora' | 'meteora-dlmm';
  readonly swapMode: SwapMode;
  readonly tokenIn: Token;
  readonly tokenOut: Token;
  readonly amount: bigint;
}

let memos = 0;
const node = () => chain.nodes[0]!;
const token = (symbol: string): Token => tokens.find(symbol)!;
const delta = (change: { before: bigint; after: bigint } | undefined) =>
  change && change.after - change.before;
const sell = (tokenIn: string, tokenOut: string, amount: bigint) =>
  ({ tokenIn: token(tokenIn), tokenOut: token(tokenOut), swapMode: 'exactIn', amount }) as const;

/** Quotes, builds and compiles; `limit` changes the side that is not fixed. */
async function build(swap: Swap, limit = (amount: bigint) => amount) {
  const venue = venues[swap.venue];
  const quote = quoted(await venue.quote(swap, AbortSignal.timeout(2_000)));
  const isExactIn = swap.swapMode === 'exactIn';
  const amountIn = isExactIn ? swap.amount : limit(quote.route.amountIn);
  const amountOut = isExactIn ? limit(quote.route.amountOut) : swap.amount;
  const payer = signer.address;
  const ends = { payer, tokenIn: swap.tokenIn, tokenOut: swap.tokenOut, amountIn };
  const frame = await chain.swapFrame({ ...ends, wrapSeed: String(10_000 + Number(amountIn % 1_000n)) });
  const { blockhash } = await node().latestBlockhash();
  const { instructions } = await venue.swapInstructions({
    leg: quote.route.legs[0]!,
    payer,
    tokenAccountIn: frame.tokenAccountIn,
    tokenAccountOut: frame.tokenAccountOut,
    swapMode: swap.swapMode,
    amountIn,
    amountOut,
  });
  memos += 1;
  const bytes = chain.compile({
    payer,
    instructions: [...frame.before, ...instructions, ...frame.after],
    blockhash,
    computeUnitLimit: 400_000,
    computeUnitPriceMicroLamports: 1_000n,
    memo: `test ${memos}`,
  });
  const policy = {
    orderId: toOrderId('test'),
    mintIn: swap.tokenIn.mint,
    mintOut: swap.tokenOut.mint,
    maxAmountIn: amountIn,
    minAmountOut: amountOut,
  };
  return { quote, bytes, policy, frame };
}

async function execute(swap: Swap) {
  const before = await node().holdings(signer.address);
  const { quote, bytes: message, policy, frame } = await build(swap);
  const simulation = await node().simulate(message);
  expect(simulation).toMatchObject({ outcome: 'succeeded' });

  const { signature, bytes } = await signer.sign(message, policy);
  await node().send(bytes);
  const status = await settled(signature);
  expect(status.error).toBeNull();
  const landed = (await node().transaction(signature, 'confirmed')) as LandedTransaction;
  const after = await node().holdings(signer.address);
  return {
    quote,
    landed,
    holdings: { before, after, opened: [frame.tokenAccountIn, frame.tokenAccountOut] },
  };
}

async function settled(signature: Signature): Promise<SignatureStatus> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { statuses } = await node().signatureStatuses([signature], { searchHistory: false });
    if (statuses[0] && statuses[0].commitment !== 'processed') return statuses[0];
    await systemClock.sleep(20);
  }
  throw new Error('not confirmed');
}

function quoted(answers: readonly QuoteAnswer[]) {
  const [first] = answers;
  if (first?.outcome !== 'quoted') throw new Error(`no quote: ${JSON.stringify(first)}`);
  return first.quote;
}

/** Lamports that stay in token accounts which the transaction opened. */
function rentOfNewAccounts(landed: LandedTransaction, accounts: readonly string[]): bigint {
  return accounts.reduce((sum, account) => sum + (delta(landed.lamports(account)) ?? 0n), 0n);
}

async function fund(owner: string, funds: object): Promise<void> {
  const response = await fetch(`${devnet.url}/admin/fund`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ owner, ...funds }),
  });
  if (!response.ok) throw new Error(await response.text());
}
