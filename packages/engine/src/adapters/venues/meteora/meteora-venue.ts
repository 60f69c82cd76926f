import {
  decodeMeteoraDammV2Pool,
  decodeMint,
  decodeTokenAccount,
  InvalidAccount,
  type MeteoraDammV2Pool,
  SwapRefused,
  spotRate,
  type TransferFee,
  transferFeeAt,
} from '@oee/amm';
import type { QuoteAnswer, QuoteRequest } from '../../../domain/quote.ts';
import type { Token } from '../../../domain/token.ts';
import type { AccountFeed, AccountSnapshot } from '../../../ports/account-feed.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { TokenRegistry } from '../../../ports/token-registry.ts';
import type { PoolInfo, Venue } from '../../../ports/venue.ts';
import { type ChainClock, CLOCK_SYSVAR, readChainClock } from '../chain-clock.ts';
import { answerPool, type PoolState, refusal } from '../pool-quote.ts';
import { snapshotBefore } from '../snapshot-before.ts';
import { type MeteoraPoolAddresses, meteoraSwapInstruction } from './meteora-swap.ts';

export interface MeteoraVenueOptions {
  /** Addresses of DAMM v2 pools; those with a token that the registry does not know are left out. */
  readonly pools: readonly string[];
  readonly feed: AccountFeed;
  readonly tokens: TokenRegistry;
  readonly clock: Clock;
  readonly log: Logger;
}

interface WatchedPool extends MeteoraPoolAddresses {
  readonly tokens: readonly [Token, Token];
}

const VENUE = 'meteora';
const POOL_KIND = 'meteora-damm-v2';
const SPL_TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
const TOKEN_2022_PROGRAM = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';

/**
 * Quotes Meteora's DAMM v2 pools from the accounts of one slot.
 *
 * @throws {ChainUnavailable} The pools' fixed addresses could not be read.
 */
export async function createMeteoraVenue(options: MeteoraVenueOptions): Promise<Venue> {
  const { feed, clock } = options;
  const pools = await readPools(options);
  feed.watch([CLOCK_SYSVAR, ...[...pools.values()].flatMap(watchedAccounts)]);

  let latest: AccountSnapshot | null = null;
  let states = new Map<string, PoolState>();
  let chainClock: ChainClock | null = null;

  /** A pool is decoded once per snapshot, however many quotes ask for it. */
  function stateIn(snapshot: AccountSnapshot, pool: WatchedPool): PoolState {
    if (snapshot !== latest) {
      latest = snapshot;
      states = new Map();
      chainClock = readChainClock(snapshot);
    }
    const known = states.get(pool.pool);
    if (known) return known;
    const state = readState(snapshot, pool, chainClock);
    states.set(pool.pool, state);
    return state;
  }

  return {
    name: VENUE,
    pools: () => [...pools.values()].map((pool) => describe(pool, latest, latest && stateIn(latest, pool))),
    async quote(request, signal) {
      const candidates = [...pools.values()].filter((pool) => trades(pool, request));
      if (candidates.length === 0) return [];
      const startedAtMs = clock.now();
      const elapsed = () => clock.now() - startedAtMs;
      const read = await snapshotBefore(feed, signal);
      return candidates.map((pool): QuoteAnswer => {
        if (read.outcome !== 'read')
          return refusal(VENUE, {
            pool: pool.pool,
            code: read.code,
            reason: read.reason,
            answerMs: elapsed(),
          });
        const state = stateIn(read.snapshot, pool);
        return answerPool(
          { ...pool, venue: VENUE, poolKind: POOL_KIND },
          { request, state, slot: read.snapshot.slot, elapsed },
        );
      });
    },
    swapInstruction(swap) {
      const pool = pools.get(swap.leg.pool);
      if (!pool) throw new Error(`${VENUE} does not have the pool ${swap.leg.pool}`);
      return meteoraSwapInstruction(pool, swap);
    },
  };
}

async function readPools(options: MeteoraVenueOptions): Promise<ReadonlyMap<string, WatchedPool>> {
  const { feed, tokens, log } = options;
  feed.watch(options.pools);
  const snapshot = await feed.snapshot();
  const pools = new Map<string, WatchedPool>();
  for (const address of options.pools) {
    try {
      const account = decodeMeteoraDammV2Pool(snapshot.data(address) ?? new Uint8Array());
      const [token0, token1] = account.mints.map((mint) => tokens.find(mint));
      if (!token0 || !token1) log.debug({ pool: address }, 'pool left out: a token is not known');
      else pools.set(address, { ...addressesOf(address, account), tokens: [token0, token1] });
    } catch (error) {
      if (!(error instanceof InvalidAccount)) throw error;
      log.warn({ pool: address, error }, 'pool left out: its account cannot be read');
    }
  }
  return pools;
}

function addressesOf(
  pool: string,
  account: ReturnType<typeof decodeMeteoraDammV2Pool>,
): MeteoraPoolAddresses {
  const programOf = (flag: number) => (flag === 0 ? SPL_TOKEN_PROGRAM : TOKEN_2022_PROGRAM);
  return {
    pool,
    mints: account.mints,
    vaults: account.vaults,
    tokenPrograms: [programOf(account.tokenFlags[0]), programOf(account.tokenFlags[1])],
    hasRateLimiter: account.pool.baseFee.kind === 'rate-limiter',
  };
}

/** Fees of a mint can only exist under Token-2022, so plain mints are not read again. */
function watchedAccounts(pool: WatchedPool): string[] {
  const mints = pool.mints.filter((_, index) => pool.tokenPrograms[index] !== SPL_TOKEN_PROGRAM);
  return [pool.pool, ...pool.vaults, ...mints];
}

function readState(snapshot: AccountSnapshot, pool: WatchedPool, clock: ChainClock | null): PoolState {
  if (!clock) return { outcome: 'unreadable', reason: "The chain's clock could not be read." };
  const bytes = (address: string) => snapshot.data(address) ?? new Uint8Array();
  try {
    const { pool: state } = decodeMeteoraDammV2Pool(bytes(pool.pool));
    // The pool follows its price, not its vaults; their balances are shown only.
    const amount = (vault: string) => decodeTokenAccount(bytes(vault)).amount;
    const reserves = [amount(pool.vaults[0]), amount(pool.vaults[1])] as const;
    const fee = (index: 0 | 1): TransferFee | null => {
      if (pool.tokenPrograms[index] === SPL_TOKEN_PROGRAM) return null;
      const config = decodeMint(bytes(pool.mints[index])).transferFeeConfig;
      return config && transferFeeAt(config, clock.epoch);
    };
    return { outcome: 'ready', pool: state, reserves, clock, transferFees: [fee(0), fee(1)] };
  } catch (error) {
    if (!(error instanceof InvalidAccount)) throw error;
    return { outcome: 'unreadable', reason: error.message };
  }
}

function describe(pool: WatchedPool, snapshot: AccountSnapshot | null, state: PoolState | null): PoolInfo {
  const ready = state?.outcome === 'ready' ? state : null;
  return {
    venue: VENUE,
    address: pool.pool,
    kind: POOL_KIND,
    tokenA: pool.tokens[0],
    tokenB: pool.tokens[1],
    feeBps: ready ? feeBpsOf(ready.pool as MeteoraDammV2Pool, ready.clock) : 0,
    reserveA: ready?.reserves[0] ?? null,
    reserveB: ready?.reserves[1] ?? null,
    slot: ready && snapshot ? snapshot.slot : null,
  };
}

/**
 * The base fee at this moment, without the part that follows volatility. It is what the fee takes off the rate of an
 * infinitely small swap, so it stands for every kind of schedule.
 */
function feeBpsOf(pool: MeteoraDammV2Pool, clock: ChainClock): number {
  try {
    const free = { ...pool, dynamicFee: null, baseFee: FREE };
    const charged = spotRate({ ...pool, dynamicFee: null }, { inputIndex: 0, clock });
    const ideal = spotRate(free, { inputIndex: 0, clock });
    const kept = charged.numerator * ideal.denominator * FEE_DENOMINATOR;
    const whole = charged.denominator * ideal.numerator;
    return Number(FEE_DENOMINATOR - (kept + whole / 2n) / whole) / 100_000;
  } catch (error) {
    if (error instanceof SwapRefused) return 0; // An empty pool has no rate, and nothing to charge for.
    throw error;
  }
}

const FEE_DENOMINATOR = 1_000_000_000n;
const FREE: MeteoraDammV2Pool['baseFee'] = {
  kind: 'time-scheduler',
  shape: 'linear',
  cliffFeeNumerator: 0n,
  numberOfPeriods: 0n,
  periodFrequency: 0n,
  reductionFactor: 0n,
};

const trades = (pool: WatchedPool, { tokenIn, tokenOut }: QuoteRequest): boolean =>
  (pool.mints[0] === tokenIn.mint && pool.mints[1] === tokenOut.mint) ||
  (pool.mints[1] === tokenIn.mint && pool.mints[0] === tokenOut.mint);
