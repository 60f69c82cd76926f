import { type Devnet, startDevnet } from '@oee/devnet';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { generateSecretKey } from '../src/adapters/signers/ed25519-key.ts';
import { createKeypairSigner } from '../src/adapters/signers/keypair-signer.ts';
import { createAccountFeed } from '../src/adapters/solana/account-feed.ts';
import { createSolanaChain, type SolanaChain } from '../src/adapters/solana/chain.ts';
import { createTokenRegistry } from '../src/adapters/solana/token-registry.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import { createHttpClient } from '../src/adapters/system/http-client.ts';
import { discoverPools } from '../src/adapters/venues/discover-pools.ts';
import {
  JUPITER_EVENT_AUTHORITY,
  JUPITER_PROGRAM,
  jupiterSwapInspector,
} from '../src/adapters/venues/jupiter/jupiter-swap.ts';
import { createJupiterVenue } from '../src/adapters/venues/jupiter/jupiter-venue.ts';
import { dlmmSwapInspector } from '../src/adapters/venues/meteora/dlmm-swap.ts';
import { meteoraSwapInspector } from '../src/adapters/venues/meteora/meteora-swap.ts';
import { raydiumCpmm } from '../src/adapters/venues/raydium/raydium-cpmm.ts';
import { raydiumSwapInspector } from '../src/adapters/venues/raydium/raydium-swap.ts';
import { momentOf } from '../src/domain/moment.ts';
import type { Quote, QuoteAnswer, QuoteRequest } from '../src/domain/quote.ts';
import { toEpochMs } from '../src/domain/timestamp.ts';
import { SOL_MINT, type Token, toMint } from '../src/domain/token.ts';
import type { AccountFeed } from '../src/ports/account-feed.ts';
import type { TokenRegistry } from '../src/ports/token-registry.ts';
import { OfferNotBuilt, RouteUnavailable, VenueUnavailable } from '../src/ports/venue.ts';
import { type JupiterProxy, startJupiterProxy, type WireAnswer } from './support/jupiter-proxy.ts';
import { type SharedRoute, sharedRoute } from './support/jupiter-route.ts';
import { silentLog } from './support/world.ts';

const inspectors = [raydiumSwapInspector, meteoraSwapInspector, dlmmSwapInspector, jupiterSwapInspector];
const signer = createKeypairSigner({ secretKey: generateSecretKey(), inspectors });
const other = createKeypairSigner({ secretKey: generateSecretKey(), inspectors }).address;

const http = createHttpClient();

let devnet: Devnet;
let limited: Devnet;
let chain: SolanaChain;
let feed: AccountFeed & { close(): void };
let tokens: TokenRegistry;
let proxy: JupiterProxy;
let target: () => string;
let nowMs = 1_700_000_000_000;

beforeAll(async () => {
  const common = { port: 0, slotMs: 'manual', market: 'none', seed: 'jupiter' } as const;
  devnet = await startDevnet(common);
  limited = await startDevnet({ ...common, swapRequestsPerMinute: 3 });
  chain = createSolanaChain({ http, nodes: [devnet], genesisHash: devnet.genesisHash, log: silentLog });
  feed = createAccountFeed({ reader: chain.reader, onSlot: chain.onSlot, clock: systemClock });
  feed.watch(['SysvarC1ock11111111111111111111111111111111']);
  const pools = await discoverPools(chain.reader, raydiumCpmm);
  const registry = createTokenRegistry({ readers: chain.readers, log: silentLog });
  await registry.learn(pools.flatMap((pool) => pool.mints.map(toMint)));
  tokens = registry;
  proxy = await startJupiterProxy(() => target());
}, 60_000);

afterAll(async () => {
  feed.close();
  chain.close();
  await proxy.close();
  await Promise.all([devnet.stop(), limited.stop()]);
});

beforeEach(() => {
  proxy.mischief = { kind: 'none' };
  proxy.requests.length = 0;
  target = () => devnet.url;
});

const token = (symbol: string): Token => tokens.find(symbol) as Token;
const request = (tokenIn: string, tokenOut: string, amount: bigint): QuoteRequest => ({
  tokenIn: token(tokenIn),
  tokenOut: token(tokenOut),
  swapMode: 'exactIn',
  amount,
});

function jupiter(apiKey: string | null = null) {
  const clock = { ...systemClock, now: () => toEpochMs(nowMs), moment: () => momentOf(nowMs) };
  const url = `${proxy.url}/swap/v2`;
  const venue = createJupiterVenue({
    http,
    url,
    apiKey,
    taker: signer.address,
    feed,
    tokens,
    inspectors,
    clock,
  });
  const ask = async (
    asked = request('USDC', 'SOL', 500_000_000_000n),
    signal = new AbortController().signal,
  ): Promise<QuoteAnswer> => {
    const answers = await venue.quote(asked, signal);
    expect(answers).toHaveLength(1);
    return answers[0] as QuoteAnswer;
  };
  const build = ({ route }: Quote, minAmountOut: bigint) =>
    venue.routeInstructions!({
      route,
      payer: signer.address,
      amountIn: route.amountIn,
      minAmountOut,
    });
  return { ask, build };
}

const quoted = (answer: QuoteAnswer): Quote => {
  if (answer.outcome !== 'quoted') throw new Error(answer.reason);
  return answer.quote;
};

describe('a quote', () => {
  test('shows the legs of the route with the pools that they pay into and out of', async () => {
    const quote = quoted(await jupiter('a key').ask());
    expect(quote.venue).toBe('jupiter');
    expect(quote.route.legs.map(({ poolKind }) => poolKind).sort()).toEqual(['Meteora DLMM', 'Raydium CP']);
    const sum = (read: (leg: (typeof quote.route.legs)[0]) => bigint) =>
      quote.route.legs.reduce((total, leg) => total + read(leg), 0n);
    expect(sum((leg) => leg.amountIn)).toBe(500_000_000_000n);
    expect(sum((leg) => leg.amountOut)).toBe(quote.route.amountOut);
    expect(quote.priceImpactBps).toBeGreaterThan(0);
    expect(quote.slot).toBeGreaterThan(0n);
    for (const leg of quote.route.legs) {
      const { accounts } = await chain.reader.accounts([leg.vaultIn!, leg.vaultOut!]);
      const mints = accounts.map((account) => account?.data.slice(0, 32));
      expect(mints[0]).not.toEqual(mints[1]);
      expect(mints.every((mint) => mint?.length === 32)).toBe(true);
    }
    expect(proxy.requests.map(({ key }) => key)).toEqual(['a key']);
  });

  test('uses the minimum output of the first of two hops', async () => {
    const { ask } = jupiter();
    const { route } = quoted(await ask(request('JUP', 'BONK', 1_000_000_000n)));
    expect(route.legs).toHaveLength(2);
    expect(route.legs[1]!.amountIn).toBe((route.legs[0]!.amountOut * 9_990n + 9_999n) / 10_000n);
    expect(route.legs[0]!.tokenOut.mint).toBe(SOL_MINT);
  });

  test('does not exist for an exact output, nor without a route', async () => {
    const { ask } = jupiter();
    const exactOut = { ...request('USDC', 'SOL', 1n), swapMode: 'exactOut' } as const;
    expect(await ask(exactOut)).toMatchObject({ code: 'unsupported' });
    expect(proxy.requests).toHaveLength(0);
    const unknown = { ...request('USDC', 'SOL', 1_000n), tokenOut: { ...token('SOL'), mint: toMint(other) } };
    expect(await ask(unknown)).toMatchObject({ code: 'no_pool', reason: 'Jupiter: No routes found.' });
  });

  test('ends when its signal aborts', async () => {
    proxy.mischief = { kind: 'silence' };
    const late = AbortSignal.timeout(100);
    expect(await jupiter().ask(undefined, late)).toMatchObject({ code: 'timeout' });
  });

  test('is refused at once while eight other requests are in flight', async () => {
    const { ask } = jupiter();
    proxy.mischief = { kind: 'silence' };
    const ended = new AbortController();
    const waiting = Array.from({ length: 8 }, () => ask(undefined, ended.signal));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await ask()).toMatchObject({ code: 'not_asked', reason: expect.stringContaining('8 requests') });
    ended.abort();
    expect((await Promise.all(waiting)).map((answer) => answer.outcome)).toEqual(Array(8).fill('refused'));
  });
});

describe('instructions', () => {
  test('enforce the limit together, to the basis point that is left of the quote', async () => {
    const { ask, build } = jupiter();
    const quote = quoted(await ask());
    const least = (quote.route.amountOut * 99n) / 100n;
    const built = await build(quote, least);
    expect(proxy.requests.at(-1)!.query.get('slippageBps')).toBe('100');
    const swaps = built.instructions.map((each) =>
      inspectors.find((one) => one.programAddress === each.programAddress)?.inspect(each),
    );
    const enforced = swaps.reduce((sum, swap) => sum + (swap?.minOut ?? 0n), 0n);
    expect(enforced).toBeGreaterThanOrEqual(least);
    expect(enforced).toBeLessThan((least * 10_001n) / 10_000n);
  });

  test('keep the limit when the price has moved since the quote, or fail with the reason', async () => {
    const { ask, build } = jupiter();
    const quote = quoted(await ask());
    const { route } = quote;
    const better = { ...quote, route: { ...route, amountOut: (route.amountOut * 1_001n) / 1_000n } };
    const built = await build(better, (route.amountOut * 9_999n) / 10_000n);
    expect(built.legs).toHaveLength(2);
    expect(proxy.requests.slice(1).map(({ query }) => query.get('slippageBps'))).toEqual(['10', '1']);
    await expect(build(better, route.amountOut + 1n)).rejects.toThrow(RouteUnavailable);
  });

  test("create no account: the transaction's own instructions do", async () => {
    const { ask, build } = jupiter();
    const quote = quoted(await ask(request('JUP', 'BONK', 1_000_000_000n)));
    const { instructions } = await build(quote, quote.route.amountOut / 2n);
    expect(instructions).toHaveLength(2);
  });

  test('are unavailable while Jupiter is down', async () => {
    const { ask, build } = jupiter();
    const quote = quoted(await ask());
    proxy.mischief = { kind: 'answer', status: 502, body: '<html>' };
    await expect(build(quote, 1n)).rejects.toThrow(VenueUnavailable);
    proxy.mischief = { kind: 'answer', status: 200, body: '<html>' };
    await expect(build(quote, 1n)).rejects.toThrow(OfferNotBuilt);
  });
});

describe('limits and failures', () => {
  test('the venue keeps the rate limit: it saves one request for a transaction, and sends none before the reset', async () => {
    target = () => limited.url;
    nowMs = Date.now(); // Resets are told in the server's time.
    const { ask, build } = jupiter();
    const quote = quoted(await ask());
    quoted(await ask());
    expect(await ask()).toMatchObject({ code: 'not_asked', reason: expect.stringContaining('its limit') });
    expect(proxy.requests).toHaveLength(2);
    expect((await build(quote, 1n)).legs).toHaveLength(2);
    await expect(build(quote, 1n)).rejects.toThrow('its limit of requests is reached');
    expect(proxy.requests).toHaveLength(3);
    nowMs += 62_000;
    expect(await ask()).toMatchObject({ code: 'unavailable', reason: expect.stringContaining('429') });
    expect(await ask()).toMatchObject({ code: 'not_asked', reason: expect.stringContaining('to wait') });
    expect(proxy.requests).toHaveLength(4);
  });

  test.each([
    [{ 'retry-after': '7' }, 7],
    [{}, 2],
    [{ 'retry-after': 'soon' }, 2],
  ] as const)('after a 429 with %o the venue asks again %i s later', async (headers, seconds) => {
    const { ask } = jupiter();
    proxy.mischief = { kind: 'answer', status: 429, body: '{}', headers };
    expect(await ask()).toMatchObject({ code: 'unavailable', reason: expect.stringContaining('429') });
    proxy.mischief = { kind: 'none' };
    nowMs += seconds * 1_000 - 1;
    expect(await ask()).toMatchObject({ code: 'not_asked', reason: expect.stringContaining('not asked') });
    nowMs += 1;
    quoted(await ask());
    expect(proxy.requests).toHaveLength(2);
  });

  test.each([
    ['a server error', { kind: 'answer', status: 503, body: 'down' }, 'it answered 503'],
    ['a body that is not JSON', { kind: 'answer', status: 200, body: '<html>' }, 'malformed'],
    ['a body without its fields', { kind: 'answer', status: 200, body: '{"outAmount":"1"}' }, 'malformed'],
    [
      'a number for an amount',
      { kind: 'change', change: (answer: WireAnswer) => (answer.outAmount = 1e9) },
      'malformed',
    ],
    ['an endless body', { kind: 'answer', status: 200, body: 'x'.repeat(600_000) }, 'too long'],
    ['a redirect', { kind: 'answer', status: 302, body: '', headers: { location: '/elsewhere' } }, 'reached'],
    ['a key that is not accepted', { kind: 'answer', status: 401, body: '{}' }, 'JUPITER_API_KEY'],
  ] as const)('%s is an answer without an offer', async (_, mischief, reason) => {
    proxy.mischief = mischief as JupiterProxy['mischief'];
    const answer = await jupiter('a secret key').ask();
    expect(answer).toMatchObject({ code: 'unavailable', reason: expect.stringContaining(reason) });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  test('after five failures in a row the venue is not asked for a second, then tried once', async () => {
    const { ask } = jupiter();
    proxy.mischief = { kind: 'answer', status: 500, body: '' };
    for (let failures = 0; failures < 5; failures += 1) await ask();
    expect(await ask()).toMatchObject({
      code: 'not_asked',
      reason: expect.stringContaining('keeps failing'),
    });
    expect(proxy.requests).toHaveLength(5);
    nowMs += 1_000;
    expect(await ask()).toMatchObject({ reason: expect.stringContaining('500') });
    expect(await ask()).toMatchObject({
      code: 'not_asked',
      reason: expect.stringContaining('keeps failing'),
    });
    proxy.mischief = { kind: 'none' };
    nowMs += 1_000;
    quoted(await ask());
    quoted(await ask());
  });
});

describe("an answer with Jupiter's own program", () => {
  /** The devnet's answer in the form in which Jupiter gives it, its amounts unchanged. */
  const asJupiters =
    (change: Partial<SharedRoute> = {}) =>
    (answer: WireAnswer): void => {
      const { accounts, programAddress, data } = sharedRoute({
        wallet: signer.address,
        source: JUPITER_EVENT_AUTHORITY,
        destination: JUPITER_PROGRAM,
        mintIn: answer.inputMint,
        mintOut: answer.outputMint,
        inAmount: BigInt(answer.inAmount),
        quotedOut: BigInt(answer.outAmount),
        slippageBps: answer.slippageBps,
        ...change,
      });
      answer.setupInstructions = answer.setupInstructions.filter((each) =>
        each.programId.startsWith('AToken'),
      );
      answer.swapInstruction = {
        programId: programAddress,
        accounts: accounts.map(({ address, signer: isSigner, writable: isWritable }) => ({
          pubkey: address,
          isSigner,
          isWritable,
        })),
        data: Buffer.from(data).toString('base64'),
      };
    };

  test('is offered with its steps, and built with the limit that its bytes enforce', async () => {
    proxy.mischief = { kind: 'change', change: asJupiters() };
    const { ask, build } = jupiter();
    const quote = quoted(await ask(request('JUP', 'BONK', 1_000_000_000n)));
    expect(quote.route.legs.map(({ vaultIn, vaultOut }) => [vaultIn, vaultOut])).toEqual([
      [null, null],
      [null, null],
    ]);
    const least = (quote.route.amountOut * 99n) / 100n;
    const { instructions } = await build(quote, least);
    expect(instructions.map(({ programAddress }) => programAddress)).toEqual([JUPITER_PROGRAM]);
    const enforced = jupiterSwapInspector.inspect(instructions[0]!)!;
    expect(enforced).toMatchObject({ maxIn: 1_000_000_000n, authority: signer.address });
    expect(enforced.minOut).toBeGreaterThanOrEqual(least);
  });

  test("is not built when its bytes enforce less than the order's limit, whatever the answer says", async () => {
    proxy.mischief = { kind: 'change', change: asJupiters({ slippageBps: 500 }) };
    const { ask, build } = jupiter();
    const quote = quoted(await ask());
    const least = (quote.route.amountOut * 99n) / 100n;
    const refused = await build(quote, least).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OfferNotBuilt); // Of the offer: its price has not moved.
    expect(String(refused)).toMatch(
      /offers [\d.]+ [A-Z]+, .* lets [\d.]+ [A-Z]+ pass; the least allowed is [\d.]+ [A-Z]+\.$/,
    );
  });

  test.each<[string, Partial<SharedRoute>, string]>([
    ['another wallet', { wallet: other }, 'another wallet'],
    ['another amount', { inAmount: 1n }, 'another swap'],
    ['another token', { mintOut: SOL_MINT, mintIn: SOL_MINT }, 'another swap'],
    ['a fee', { platformFeeBps: 20 }, 'known form'],
    ['route_v2', { discriminator: 'bb64facc31c4af14' }, 'route_v2: it would lend'],
  ])('makes no offer with %s', async (_, change, reason) => {
    proxy.mischief = { kind: 'change', change: asJupiters(change) };
    expect(await jupiter().ask()).toMatchObject({
      code: 'unavailable',
      reason: expect.stringContaining(reason),
    });
  });
});

describe('an answer that the signer would refuse makes no offer', () => {
  const swapOf = (answer: WireAnswer) => Buffer.from(answer.swapInstruction.data, 'base64');
  const write = (answer: WireAnswer, data: Buffer) => {
    answer.swapInstruction.data = data.toString('base64');
  };
  const transfer = (answer: WireAnswer) => ({
    programId: '11111111111111111111111111111111',
    accounts: [answer.swapInstruction.accounts[0], { pubkey: other, isSigner: false, isWritable: true }],
    data: Buffer.from('0200000000ca9a3b00000000', 'hex').toString('base64'),
  });

  const CASES: [string, string, (answer: WireAnswer) => void][] = [
    ['another program', 'not allowed', (answer) => (answer.swapInstruction.programId = other)],
    [
      'a transfer before the swap',
      'one swap per step',
      (answer) => answer.setupInstructions.push(transfer(answer) as never),
    ],
    [
      'a transfer in place of a step',
      'not allowed',
      (answer) => (answer.setupInstructions[answer.setupInstructions.length - 1] = transfer(answer) as never),
    ],
    [
      'a transfer behind the swap',
      'more than a swap',
      (answer) => (answer.cleanupInstruction = transfer(answer)),
    ],
    ['a tip', 'more than a swap', (answer) => (answer.tipInstruction = transfer(answer))],
    [
      'another amount',
      'not the step',
      (answer) => {
        const data = swapOf(answer);
        data.writeBigUInt64LE(data.readBigUInt64LE(8) + 1n, 8);
        write(answer, data);
      },
    ],
    ['another pool', 'not the step', (answer) => (answer.routePlan[0].swapInfo.ammKey = other)],
    [
      'another form of swap',
      'known form',
      (answer) => write(answer, Buffer.concat([swapOf(answer), Buffer.of(0)])),
    ],
    [
      'another wallet',
      'another wallet',
      (answer) => {
        for (const account of [
          ...answer.swapInstruction.accounts,
          ...answer.setupInstructions.flatMap((each) => each.accounts),
        ])
          if (account.pubkey === signer.address) account.pubkey = other;
      },
    ],
    ['an unknown token', 'not known here', (answer) => (answer.routePlan[0].swapInfo.outputMint = other)],
    ['another output', 'another swap', (answer) => (answer.outputMint = other)],
    [
      'more output than its steps give',
      'not the swap',
      (answer) => (answer.outAmount = String(BigInt(answer.outAmount) + 1n)),
    ],
  ];

  test.each(CASES)('%s', async (_, reason, change) => {
    proxy.mischief = { kind: 'change', change };
    expect(await jupiter().ask()).toMatchObject({
      outcome: 'refused',
      code: 'unavailable',
      reason: expect.stringContaining(reason),
    });
  });
});
