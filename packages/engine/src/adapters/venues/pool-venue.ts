import { InvalidAccount, type LegCost } from '@oee/amm';
import type { PoolState } from '../../domain/pool-state.ts';
import type { QuoteAnswer, QuoteRequest } from '../../domain/quote.ts';
import type { AccountFeed } from '../../ports/account-feed.ts';
import type { LookupTable } from '../../ports/chain.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { TokenRegistry } from '../../ports/token-registry.ts';
import type { PoolInfo, Venue } from '../../ports/venue.ts';
import { CLOCK_SYSVAR } from './chain-clock.ts';
import { legCost } from './leg-cost.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';
import { answerPool, refusal } from './pool-quote.ts';
import { createPoolReader, type PoolReading, type WatchedPool, watchedAccounts } from './pool-reader.ts';
import { snapshotBefore } from './snapshot-before.ts';

export interface PoolVenueOptions {
  /** Addresses of the program's pools; those with a token that the registry does not know are left out. */
  readonly pools: readonly string[];
  /** Tables that may hold the accounts of pools; none if absent. */
  readonly lookupTables?: readonly LookupTable[];
  readonly feed: AccountFeed;
  readonly tokens: TokenRegistry;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * A venue that quotes the pools of one program from the accounts of one slot.
 *
 * @throws {ChainUnavailable} The pools' fixed addresses could not be read.
 */
export async function createPoolVenue<A extends PoolAddresses>(
  program: PoolProgram<A>,
  options: PoolVenueOptions,
): Promise<Venue> {
  const { feed, clock, lookupTables = [] } = options;
  const name = program.venue;
  const pools = await readPools(program, options);
  const watched = [...pools.values()];
  feed.watch([CLOCK_SYSVAR, ...watched.flatMap(({ addresses }) => watchedAccounts(program, addresses))]);
  const reader = createPoolReader(program);
  const costs = new Map(watched.map((pool) => [pool.addresses.pool, legCost(program, pool, lookupTables)]));

  return {
    name,
    pools: () => watched.map((pool) => describe(program, pool, reader.newest(pool))),
    async quote(request, signal) {
      const candidates = watched.filter((pool) => trades(pool, request));
      if (candidates.length === 0) return [];
      const startedAtMs = clock.now();
      const elapsed = () => clock.now() - startedAtMs;
      const read = await snapshotBefore(feed, signal);
      return candidates.map((pool): QuoteAnswer => {
        const { pool: address, vaults } = pool.addresses;
        if (read.outcome !== 'read')
          return refusal(name, { pool: address, code: read.code, reason: read.reason, answerMs: elapsed() });
        return answerPool(
          { venue: name, address, kind: program.kind, tokens: pool.tokens, vaults },
          { request, state: reader.read(read.snapshot, pool), snapshot: read.snapshot, elapsed },
        );
      });
    },
    async market(signal) {
      const read = await snapshotBefore(feed, signal);
      const now = read.outcome === 'read' ? reader.clockIn(read.snapshot) : null;
      if (read.outcome !== 'read' || !now) return null;
      const states = watched.flatMap((pool) => {
        const cost = costs.get(pool.addresses.pool) as LegCost;
        return stateOf(program, pool, { reading: reader.read(read.snapshot, pool), cost });
      });
      const { slot, readAtMs } = read.snapshot;
      return { slot, readAtMs, clock: now, pools: states };
    },
    swapInstructions(swap) {
      const pool = pools.get(swap.leg.pool);
      if (!pool) throw new Error(`${name} does not have the pool ${swap.leg.pool}`);
      const tables = lookupTables.filter(({ addresses }) => addresses.includes(swap.leg.pool));
      return { instructions: [program.swapInstruction(pool.addresses, swap)], lookupTables: tables };
    },
  };
}

async function readPools<A extends PoolAddresses>(
  program: PoolProgram<A>,
  options: PoolVenueOptions,
): Promise<ReadonlyMap<string, WatchedPool<A>>> {
  const { feed, tokens, log } = options;
  feed.watch(options.pools);
  const snapshot = await feed.snapshot();
  const pools = new Map<string, WatchedPool<A>>();
  for (const address of options.pools) {
    try {
      const addresses = await program.addressesOf(address, snapshot.data(address) ?? new Uint8Array());
      const [token0, token1] = addresses.mints.map((mint) => tokens.find(mint));
      if (!token0 || !token1) log.debug({ pool: address }, 'pool left out: a token is not known');
      else pools.set(address, { addresses, tokens: [token0, token1] });
    } catch (error) {
      if (!(error instanceof InvalidAccount)) throw error;
      log.warn({ pool: address, error }, 'pool left out: its account cannot be read');
    }
  }
  return pools;
}

function stateOf<A extends PoolAddresses>(
  { venue, kind }: PoolProgram<A>,
  { addresses, tokens }: WatchedPool<A>,
  { reading, cost }: { readonly reading: PoolReading; readonly cost: LegCost },
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
