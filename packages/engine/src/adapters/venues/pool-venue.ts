import { CLOCK_SYSVAR } from '@oee/solana';
import type { MarketState, PoolState } from '../../domain/pool-state.ts';
import type { QuoteAnswer, QuoteRequest } from '../../domain/quote.ts';
import { toMint } from '../../domain/token.ts';
import type { AccountFeed } from '../../ports/account-feed.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import type { LookupTable } from '../../ports/chain.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { LearningTokenRegistry } from '../../ports/token-registry.ts';
import type { PoolInfo, Venue } from '../../ports/venue.ts';
import { discoverPools } from './discover-pools.ts';
import { createKnownPools, type KnownPool } from './known-pools.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';
import { answerPool, refusal } from './pool-quote.ts';
import { createPoolReader, type PoolReading, type WatchedPool } from './pool-reader.ts';
import { snapshotBefore } from './snapshot-before.ts';

export interface PoolVenueOptions {
  readonly reader: AccountReader;
  /** The only pools to trade; absent: every pool of the program. */
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

/**
 * A venue that quotes the pools of one program from the accounts of one slot. It has no pools before its first search.
 */
export function createPoolVenue<A extends PoolAddresses>(
  program: PoolProgram<A>,
  options: PoolVenueOptions,
): PoolVenue {
  const { reader, only, feed, tokens, clock, lookupTables = [] } = options;
  const name = program.venue;
  const pools = createKnownPools(program, options);
  let readings = createPoolReader(program);
  const listed = keepLast<readonly PoolInfo[]>();
  const shown = keepLast<MarketState>();
  feed.watch([CLOCK_SYSVAR]);

  return {
    name,
    async discover() {
      const found = await discoverPools(reader, program, only);
      await tokens.learn(found.flatMap(({ mints }) => mints.map(toMint)));
      for (const addresses of found) pools.take(addresses);
      if (await program.learn?.(tokens.find)) readings = createPoolReader(program);
      return found.map(({ pool }) => pool);
    },
    pools: () =>
      listed([pools.all(), readings, readings.latest()], () =>
        pools.all().map((pool) => describe(program, pool, readings.newest(pool))),
      ),
    async quote(request, signal) {
      const candidates = pools.all().filter((pool) => trades(pool, request));
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
      const { slot, readAt } = read.snapshot;
      return shown([pools.all(), readings, read.snapshot], () => ({
        slot,
        readAt,
        clock: now,
        pools: pools.all().flatMap((pool) => stateOf(program, pool, readings.read(read.snapshot, pool))),
      }));
    },
    has: (pool) => pools.get(pool) !== undefined,
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

/** Keeps what was computed last for as long as it follows from the same objects: many orders ask between two slots. */
function keepLast<T>(): (from: readonly unknown[], compute: () => T) => T {
  let last: { readonly from: readonly unknown[]; readonly value: T } | undefined;
  return (from, compute) => {
    if (!last?.from.every((one, index) => one === from[index])) last = { from, value: compute() };
    return last.value;
  };
}

function stateOf<A extends PoolAddresses>(
  { venue, kind }: PoolProgram<A>,
  { addresses, tokens, cost }: KnownPool<A>,
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
