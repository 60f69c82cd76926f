import { quoteExactIn } from '@oee/amm';
import { createGenesis } from '@oee/devnet';
import { beforeAll, describe, expect, test } from 'vitest';
import { momentAfter, momentOf } from '../../domain/moment.ts';
import type { MarketState } from '../../domain/pool-state.ts';
import { SOL_MINT, type Token, toMint } from '../../domain/token.ts';
import type { AccountFeed, AccountSnapshot } from '../../ports/account-feed.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import { ChainUnavailable } from '../../ports/chain.ts';
import type { Venue } from '../../ports/venue.ts';
import { discoverPools } from './discover-pools.ts';
import { meteoraDammV2 } from './meteora/meteora-damm-v2.ts';
import { meteoraDlmm } from './meteora/meteora-dlmm.ts';
import { createPoolVenue, type PoolVenueOptions } from './pool-venue.ts';
import { raydiumCpmm } from './raydium/raydium-cpmm.ts';

const CLOCK_SYSVAR = 'SysvarC1ock11111111111111111111111111111111';
const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const NOW = 1_800_000_000n;
const SLOT = 4_242n;
const log = { debug() {}, info() {}, warn() {}, error() {} };

let genesis: Awaited<ReturnType<typeof createGenesis>>;
beforeAll(async () => {
  genesis = await createGenesis({ seed: 'venues', mood: 'none' });
});

const reader: AccountReader = {
  accounts: async (addresses) => ({
    slot: SLOT,
    accounts: addresses.map((address) => genesis.accounts.find((account) => account.address === address)),
  }),
  programAccounts: async ({ programAddress, dataLength }) =>
    genesis.accounts.filter(({ owner, data }) => owner === programAddress && data.length === dataLength),
};

/** A feed over accounts in memory, which the test may change from slot to slot. */
class MemoryFeed implements AccountFeed {
  readonly accounts = new Map<string, Uint8Array>();
  readonly watched = new Set<string>();
  slot = SLOT;
  reads: (() => Promise<void>) | null = null;
  #last: AccountSnapshot | null = null;

  watch(addresses: readonly string[]): void {
    for (const address of addresses) this.watched.add(address);
    this.#last = null;
  }

  unwatch(addresses: readonly string[]): void {
    for (const address of addresses) this.watched.delete(address);
    this.#last = null;
  }

  async snapshot(): Promise<AccountSnapshot> {
    await this.reads?.();
    if (this.#last?.slot === this.slot) return this.#last;
    const copyOf = (data?: Uint8Array) => data && Uint8Array.from(data); // A Buffer's slice is no copy.
    const seen = new Map([...this.watched].map((address) => [address, copyOf(this.accounts.get(address))]));
    this.#last = { slot: this.slot, readAt: momentOf(0), data: (address) => seen.get(address) };
    return this.#last;
  }
}

function clockData(unixTimestamp: bigint): Uint8Array {
  const data = Buffer.alloc(40);
  data.writeBigUInt64LE(SLOT, 0);
  data.writeBigUInt64LE(9n, 16);
  data.writeBigInt64LE(unixTimestamp, 32);
  return data;
}

async function world(kind: 'raydium-cpmm' | 'meteora-damm-v2' | 'meteora-dlmm') {
  const feed = new MemoryFeed();
  for (const { address, data } of genesis.accounts) feed.accounts.set(address, Uint8Array.from(data));
  feed.accounts.set(CLOCK_SYSVAR, clockData(NOW));
  const tokens: Token[] = genesis.tokens.map((each) => ({
    ...each,
    mint: toMint(each.mint),
    tokenProgram: TOKEN_PROGRAM,
  }));
  const registry = {
    find: (name: string) => tokens.find(({ mint, symbol }) => mint === name || symbol === name),
    list: () => tokens,
    learn: async () => {},
  };
  let now = momentOf(0);
  const clock = {
    moment() {
      now = momentAfter(now, 3);
      return now;
    },
  };
  const pools = genesis.pools.filter((pool) => pool.kind === kind).map(({ address }) => address);
  const create = async (options: PoolVenueOptions) => {
    const venue =
      kind === 'raydium-cpmm'
        ? createPoolVenue(raydiumCpmm, options)
        : kind === 'meteora-dlmm'
          ? createPoolVenue(meteoraDlmm, options)
          : createPoolVenue(meteoraDammV2, options);
    await venue.discover();
    return venue;
  };
  const venue = await create({ reader, feed, clock, log, tokens: registry, only: [...pools, 'absent'] });
  const pool = venue
    .pools()
    .find(
      ({ tokenA, tokenB }) => [tokenA.mint, tokenB.mint].sort().join() === [SOL_MINT, USDC].sort().join(),
    );
  if (!pool) throw new Error('the devnet has no pool for SOL and USDC');
  const ask = (amount = 1_000_000_000n, signal = new AbortController().signal) =>
    venue.quote(
      { tokenIn: registry.find('SOL')!, tokenOut: registry.find('USDC')!, swapMode: 'exactIn', amount },
      signal,
    );
  return { feed, venue, pool: pool.address, ask, registry, create, clock };
}

const answerOf = async (answers: ReturnType<Venue['quote']>, pool: string) =>
  (await answers).find(
    (answer) => (answer.outcome === 'quoted' ? answer.quote.route.legs[0]?.pool : answer.pool) === pool,
  );

const VENUES = [
  { kind: 'raydium-cpmm', opensAt: 373, status: { offset: 329, closed: 4 } },
  { kind: 'meteora-damm-v2', opensAt: 472, status: { offset: 481, closed: 1 } },
  { kind: 'meteora-dlmm', opensAt: 816, status: { offset: 82, closed: 1 } },
] as const;

describe('finding pools', () => {
  test('finds every pool of its program, and no other account', async () => {
    const found = [await discoverPools(reader, raydiumCpmm), await discoverPools(reader, meteoraDammV2)];
    for (const [index, kind] of ['raydium-cpmm', 'meteora-damm-v2'].entries()) {
      const expected = genesis.pools.filter((pool) => pool.kind === kind).map(({ address }) => address);
      expect(found[index]?.map(({ pool }) => pool).sort()).toEqual(expected.sort());
    }
  });

  test('looks only at the pools that it is given, and takes those of its own program', async () => {
    const [first, second] = genesis.pools;
    expect([first, second].map((pool) => pool?.kind)).toEqual(['raydium-cpmm', 'meteora-damm-v2']);
    const only = [first!.address, second!.address, USDC, 'absent'];
    const addresses = async (program: Promise<readonly { pool: string }[]>) =>
      (await program).map(({ pool }) => pool);
    expect(await addresses(discoverPools(reader, raydiumCpmm, only))).toEqual([first!.address]);
    expect(await addresses(discoverPools(reader, meteoraDammV2, only))).toEqual([second!.address]);
  });
});

describe.each(VENUES)('$kind', ({ kind, opensAt, status }) => {
  test('answers once per pool of the pair, with the slot of the accounts', async () => {
    const { ask, venue, pool } = await world(kind);
    const answers = await ask();
    const candidates = venue
      .pools()
      .filter(({ tokenA, tokenB }) =>
        [tokenA.mint, tokenB.mint].every((mint) => [SOL_MINT, USDC].includes(mint)),
      );
    expect(answers).toHaveLength(candidates.length);
    expect(await answerOf(ask(), pool)).toMatchObject({ outcome: 'quoted', quote: { slot: SLOT } });
    expect(answers[0]?.answerMs).toBeGreaterThan(0);
  });

  test('gives no answer for a pair without a pool', async () => {
    const { venue, registry } = await world(kind);
    const unknown = { ...registry.find('USDC')!, mint: toMint('unknown') };
    const request = {
      tokenIn: unknown,
      tokenOut: registry.find('SOL')!,
      swapMode: 'exactIn',
      amount: 1n,
    } as const;
    expect(await venue.quote(request, new AbortController().signal)).toEqual([]);
  });

  test('gives the reserves of the accounts once the venue has read them', async () => {
    const { venue, ask, pool } = await world(kind);
    expect(venue.pools()[0]).toMatchObject({ reserveA: null, reserveB: null, slot: null });
    await ask();
    const found = venue.pools().find(({ address }) => address === pool);
    expect(found?.slot).toBe(SLOT);
    expect(found?.reserveA).toBeGreaterThan(0n);
  });

  test("does not quote a pool before it opens by the chain's own clock", async () => {
    const { feed, ask, pool } = await world(kind);
    const data = Buffer.from(feed.accounts.get(pool)!);
    const isBySlot =
      (kind === 'meteora-damm-v2' && data[480] === 0) || (kind === 'meteora-dlmm' && data[86] === 0);
    if (kind === 'meteora-dlmm') data[75] = 2; // A kind of pair that opens at a point.
    data.writeBigUInt64LE((isBySlot ? SLOT : NOW) + 1n, opensAt);
    feed.accounts.set(pool, data);
    feed.slot += 1n;
    const refusal = await answerOf(ask(), pool);
    expect(refusal).toMatchObject({
      outcome: 'refused',
      code: 'refused_by_pool',
      reason: 'The pool has not opened yet.',
    });

    data.writeBigUInt64LE(isBySlot ? SLOT : NOW, opensAt);
    feed.slot += 1n;
    expect(await answerOf(ask(), pool)).toMatchObject({ outcome: 'quoted' });
  });

  test('does not quote a pool that is switched off', async () => {
    const { feed, ask, pool } = await world(kind);
    feed.accounts.get(pool)![status.offset] = status.closed;
    expect(await answerOf(ask(), pool)).toMatchObject({ outcome: 'refused', code: 'refused_by_pool' });
  });

  test('answers chain_unavailable when the chain is unreachable, and unavailable when an account is gone', async () => {
    const { feed, ask, pool } = await world(kind);
    feed.reads = () => Promise.reject(new ChainUnavailable('node-1: getMultipleAccounts failed'));
    expect(await answerOf(ask(), pool)).toMatchObject({ outcome: 'refused', code: 'chain_unavailable' });
    feed.reads = null;
    feed.accounts.delete(pool);
    feed.slot += 1n;
    expect(await answerOf(ask(), pool)).toMatchObject({ outcome: 'refused', code: 'unavailable' });
  });

  test("answers unavailable when the chain's clock is missing", async () => {
    const { feed, ask, pool } = await world(kind);
    feed.accounts.delete(CLOCK_SYSVAR);
    expect(await answerOf(ask(), pool)).toMatchObject({ outcome: 'refused', code: 'unavailable' });
  });

  // The venue itself was not late: its accounts were.
  test('answers chain_unavailable when the signal aborts first', async () => {
    const { feed, ask, pool } = await world(kind);
    feed.reads = () => new Promise(() => {});
    const controller = new AbortController();
    const answers = ask(1n, controller.signal);
    controller.abort();
    expect(await answerOf(answers, pool)).toMatchObject({ outcome: 'refused', code: 'chain_unavailable' });
    expect(await answerOf(ask(1n, AbortSignal.abort()), pool)).toMatchObject({ code: 'chain_unavailable' });
  });

  test("refuses an output beyond the pool's reserves, with the reason", async () => {
    const { ask, pool, registry, venue } = await world(kind);
    const request = {
      tokenIn: registry.find('SOL')!,
      tokenOut: registry.find('USDC')!,
      swapMode: 'exactOut',
    } as const;
    const answers = venue.quote({ ...request, amount: 2n ** 63n }, new AbortController().signal);
    expect(await answerOf(answers, pool)).toMatchObject({ outcome: 'refused', code: 'refused_by_pool' });
    expect(await answerOf(ask(0n), pool)).toMatchObject({ outcome: 'refused', code: 'refused_by_pool' });
  });

  test('shows the pool states that it quotes from, and reuses the state of an unchanged pool', async () => {
    const { feed, venue, ask, pool } = await world(kind);
    const read = async () => (await venue.market!(new AbortController().signal))!;
    const first = await read();
    expect(first.slot).toBe(SLOT);
    expect(first.clock).toMatchObject({ unixTimestamp: NOW });
    expect(first.pools).toHaveLength(venue.pools().length);
    const stateOf = ({ pools }: MarketState) => pools.find(({ address }) => address === pool)!;
    const state = stateOf(first);
    const inputIndex = state.tokens[0].mint === SOL_MINT ? 0 : 1;
    const amounts = { amountIn: 1_000_000_000n, inputIndex, clock: first.clock } as const;
    const { amountOut } = quoteExactIn(state.pool, amounts);
    expect(await answerOf(ask(), pool)).toMatchObject({ quote: { route: { amountOut } } });

    feed.slot += 1n;
    expect(stateOf(await read()).pool).toBe(state.pool);
    const data = feed.accounts.get(pool)!;
    data[status.offset] = status.closed;
    feed.slot += 1n;
    expect(stateOf(await read()).pool.window.isEnabled).toBe(false);
  });

  test('shows no market when the accounts are not read in time', async () => {
    const { feed, venue } = await world(kind);
    feed.reads = () => new Promise(() => {});
    expect(await venue.market!(AbortSignal.abort())).toBeNull();
  });

  test('leaves out pools with unknown tokens', async () => {
    const { feed, create, clock, pool } = await world(kind);
    const tokens = { find: () => undefined, list: () => [], learn: async () => {} };
    const venue = await create({ reader, feed, clock, log, only: [pool], tokens });
    expect(venue.pools()).toEqual([]);
  });
});
