import type { LegCost } from '@oee/amm';
import type { AccountFeed } from '../../ports/account-feed.ts';
import type { LookupTable } from '../../ports/chain.ts';
import type { Logger } from '../../ports/logger.ts';
import type { TokenRegistry } from '../../ports/token-registry.ts';
import { legCost } from './leg-cost.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';
import { type WatchedPool, watchedAccounts } from './pool-reader.ts';

/** A traded pool: its accounts, its tokens, and the bytes that a swap in it adds to a transaction. */
export interface KnownPool<A extends PoolAddresses> extends WatchedPool<A> {
  readonly cost: LegCost;
}

/** The pools of one program that a venue trades. The feed watches exactly their accounts. */
export function createKnownPools<A extends PoolAddresses>(
  program: PoolProgram<A>,
  options: {
    readonly feed: AccountFeed;
    readonly tokens: TokenRegistry;
    readonly lookupTables?: readonly LookupTable[];
    readonly log: Logger;
  },
) {
  const { feed, tokens, lookupTables = [], log } = options;
  const pools = new Map<string, KnownPool<A>>();
  let list: readonly KnownPool<A>[] = [];

  const isNamed = (account: string): boolean =>
    [...pools.values()].some(({ addresses }) => program.moreAccounts(addresses).includes(account));

  return {
    /** The same list until a pool is taken. */
    all: (): readonly KnownPool<A>[] => list,
    get: (address: string): KnownPool<A> | undefined => pools.get(address),
    /** Adds a new pool, or updates one whose accounts have changed with its price. */
    take(addresses: A): void {
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
      list = [...pools.values()];
      if (before) feed.unwatch(program.moreAccounts(before.addresses).filter((each) => !isNamed(each)));
      feed.watch(watchedAccounts(program, pool));
    },
  };
}

const isSame = (before: PoolAddresses, now: PoolAddresses): boolean =>
  JSON.stringify(before) === JSON.stringify(now);
