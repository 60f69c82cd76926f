import type { LegCost } from '@oee/amm';
import { CLOCK_SYSVAR } from '@oee/solana';
import type { PoolState } from '../../domain/pool-state.ts';
import type { QuoteAnswer, QuoteRequest } from '../../domain/quote.ts';
import type { AccountFeed } from '../../ports/account-feed.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import type { LookupTable } from '../../ports/chain.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { LearningTokenRegistry } from '../../ports/token-registry.ts';
import type { PoolInfo, Venue } from '../../ports/venue.ts';
import { discoverPools } from './discover-pools.ts';
import { legCost } from './leg-cost.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';
import { answerPool, refusal } from './pool-quote.ts';
import { createPoolReader, type PoolReading, type WatchedPool, watchedAccounts } from './pool-reader.ts';
import { snapshotBefore } from './snapshot-before.ts';

export interface PoolVenueOptions {
  readonly reader: AccountReader;
  /** The only pools to look at; absent: every pool of the program. */
  readonly only?: readonly string[] | undefined;
  /** Tables that may hold the accounts of pools; none if absent. */
  readonly lookupTables?: readonly LookupTable[];
  readonly feed: AccountFeed;
  /** Pools with a token that cannot be read are left out. */
  readonly tokens: LearningTokenRegistry;
  readonly clock: Pick<Clock, 'moment'>;
  readonly log: Logger;
}

/** A venue that finds pools itself. */
export interface PoolVenue extends Venue {
  has(pool: string): boolean;
  discover: NonNullable<Venue['discover']>;
  market: NonNullable<Venue['market']>;
}

interface Entry<A extends PoolAddresses> extends WatchedPool<A> {
  readonly cost: LegCost;
}

/** A venue that quotes the pools of one program from the accounts of one slot. It has none before it looks for them. */
export function createPoolVenue<A extends PoolAddresses>(
  program: PoolProgram<A>,
  options: PoolVenueOptions,
): PoolVenue {
  const { reader, only, feed, tokens, clock, lookupTables = [], log } = options;
  const name = program.venue;
  const pools = new Map<string, Entry<A>>();
  let readings = createPoolReader(program);
  feed.watch([CLOCK_SYSVAR]);

  /** Takes a pool as it is now: a new one, or one that names other accounts since its price has moved. */
  function take(addresses: A): void {
    const { pool: address, mints } = addresses;
    const before = pools.get(address);
    if (before && isSame(before.addresses, addresses)) return;
    const [token0, token1] = mints.map((mint) => tokens.find(mint));
    if (!token0 || !token1) {
      log.debug({ pool: address }, 'pool skipped: unknown token');
      return;
    }
    const pool = { addresses, tokens: [token0, token1] as const };
    pools.set(address, { ...pool, cost: legCost(program, pool, lookupTables) });
    if (before) feed.unwatch(program.moreAccounts(before.addresses).filter((each) => !isNamed(each)));
    feed.watch(watchedAccounts(program, pool));
  }

  const isNamed = (account: string): boolean =>
    [...pools.values()].some(({ addresses }) => program.moreAccounts(addresses).includes(account));

  return {
    name,
    async discover() {
      const found = await discoverPools(reader, program, only);
      await tokens.learn(found.flatMap(({ mints }) => mints));
      for (const addresses of found) take(addresses);
      if (await program.learn?.(tokens.find)) readings = createPoolReader(program);
      return found.map(({ pool }) => pool);
    },
    pools: () => [...pools.values()].map((pool) => describe(program, pool, readings.newest(pool))),
    async quote(request, signal) {
      const candidates = [...pools.values()].filter((pool) => trades(pool, request));
      if (candidates.length === 0) return [];
      const startedAt = clock.moment();
      const elapsed = () => msSince(clock, startedAt);
      const read = await snapshotBefore(feed, signal);
      return candidates.map((pool): QuoteAnswer => {
        const { pool: address, vaults } = pool.addresses;
        if (read.outcome !== 'read')
          return refusal(name, {
            pool: address,
            code: 'chain_unavailable',
            reason: read.reason,
            answerMs: elapsed(),
          });
        return answerPool(
          { venue: name, address, kind: program.kind, tokens: pool.tokens, vaults },
          { request, state: readings.read(read.snapshot, pool), snapshot: read.snapshot, elapsed },
        );
      });
    },
    async market(signal) {
      const read = await snapshotBefore(feed, signal);
      const now = read.outcome === 'read' ? readings.clockIn(read.snapshot) : null;
      if (read.outcome !== 'read' || !now) return null;
      const states = [...pools.values()].flatMap((pool) =>
        stateOf(program, pool, readings.read(read.snapshot, pool)),
      );
      const { slot, readAt } = read.snapshot;
      return { slot, readAt, clock: now, pools: states };
    },
    has: (pool) => pools.has(pool),
    swapInstructions(swap) {
      const pool = pools.get(swap.leg.pool);
      if (!pool) throw new Error(`${name} does not have the pool ${swap.leg.pool}`);
      const tables = lookupTables.filter(({ addresses }) => addresses.includes(swap.leg.pool));
      const newest = readings.newest(pool)?.reading;
      const state = newest?.outcome === 'ready' ? newest.pool : undefined;
      return { instructions: [program.swapInstruction(pool.addresses, swap, state)], lookupTables: tables };
    },
  };
}

const isSame = (before: PoolAddresses, now: PoolAddresses): boolean =>
  JSON.stringify(before) === JSON.stringify(now);

function stateOf<A extends PoolAddresses>(
  { venue, kind }: PoolProgram<A>,
  { addresses, tokens, cost }: Entry<A>,
  reading: PoolReading,
): PoolState[] {
  if (reading.outcome !== 'ready') return [];
  const { pool, transferFees } = reading;
  const { pool: address, vaults } = addresses;
  return [{ venue, address, kind, tokens, vaults, pool, transferFees, cost }];
}

function describe<A extends PoolAddresses>(
  program: PoolProgram<A>,
  { addresses, tokens }: WatchedPool<A>,
  newest: { readonly slot: bigint; readonly reading: PoolReading } | null,
): PoolInfo {
  const ready = newest?.reading.outcome === 'ready' ? newest.reading : null;
  return {
    venue: program.venue,
    address: addresses.pool,
    kind: program.kind,
    tokenA: tokens[0],
    tokenB: tokens[1],
    feeBps: ready ? program.feeBps(ready.pool, ready.clock) : 0,
    reserveA: ready?.reserves[0] ?? null,
    reserveB: ready?.reserves[1] ?? null,
    slot: ready && newest ? newest.slot : null,
  };
}

const trades = ({ tokens }: WatchedPool<PoolAddresses>, { tokenIn, tokenOut }: QuoteRequest): boolean =>
  (tokens[0].mint === tokenIn.mint && tokens[1].mint === tokenOut.mint) ||
  (tokens[1].mint === tokenIn.mint && tokens[0].mint === tokenOut.mint);
