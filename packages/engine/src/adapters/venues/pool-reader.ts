import {
  decodeMint,
  decodeTokenAccount,
  InvalidAccount,
  type Pool,
  type TransferFee,
  transferFeeAt,
} from '@oee/amm';
import { TOKEN_PROGRAM } from '@oee/solana';
import type { Token } from '../../domain/token.ts';
import type { AccountSnapshot } from '../../ports/account-feed.ts';
import { type ChainClock, readChainClock } from './chain-clock.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';

/** A pool that a venue quotes, with its tokens in the pool's order. */
export interface WatchedPool<A extends PoolAddresses> {
  readonly addresses: A;
  readonly tokens: readonly [Token, Token];
}

/** A pool as one snapshot shows it. */
export type PoolReading =
  | {
      readonly outcome: 'ready';
      readonly pool: Pool;
      /** Base units, in the order of the pool's tokens. */
      readonly reserves: readonly [bigint, bigint];
      readonly clock: ChainClock;
      readonly transferFees: readonly [TransferFee | null, TransferFee | null];
    }
  | { readonly outcome: 'unreadable'; readonly reason: string };

interface Known {
  readonly bytes: readonly (Uint8Array | undefined)[];
  readonly epoch: bigint;
  readonly reading: PoolReading;
}

/** The accounts that a pool's quotes read. Only mints of Token-2022 have fees, so plain mints are not read again. */
export function watchedAccounts<A extends PoolAddresses>(
  program: PoolProgram<A>,
  { addresses, tokens }: WatchedPool<A>,
): string[] {
  const taxable = tokens.filter(({ tokenProgram }) => tokenProgram !== TOKEN_PROGRAM);
  const { pool, vaults } = addresses;
  return [pool, ...vaults, ...taxable.map(({ mint }) => mint), ...program.moreAccounts(addresses)];
}

/**
 * Reads pools from snapshots, each pool once per snapshot for any number of callers. It rebuilds a pool only when its
 * bytes have changed, so that callers can keep what they computed from an unchanged pool.
 */
export function createPoolReader<A extends PoolAddresses>(program: PoolProgram<A>) {
  const known = new Map<string, Known>();
  let latest: AccountSnapshot | null = null;
  let clock: ChainClock | null = null;
  let readings = new Map<string, PoolReading>();

  function read(snapshot: AccountSnapshot, pool: WatchedPool<A>): PoolReading {
    if (!clock) return { outcome: 'unreadable', reason: "The chain's clock could not be read." };
    const { addresses } = pool;
    const bytes = watchedAccounts(program, pool).map((address) => snapshot.data(address));
    const before = known.get(addresses.pool);
    const isSame = before && before.epoch === clock.epoch && areEqual(before.bytes, bytes);
    const reading = isSame ? at(before.reading, clock) : readPool(program, pool, snapshot, clock);
    known.set(addresses.pool, { bytes, epoch: clock.epoch, reading });
    return reading;
  }

  return {
    clockIn(snapshot: AccountSnapshot): ChainClock | null {
      if (snapshot !== latest) {
        latest = snapshot;
        clock = readChainClock(snapshot);
        readings = new Map();
      }
      return clock;
    },
    read(snapshot: AccountSnapshot, pool: WatchedPool<A>): PoolReading {
      this.clockIn(snapshot);
      const done = readings.get(pool.addresses.pool);
      if (done) return done;
      const reading = read(snapshot, pool);
      readings.set(pool.addresses.pool, reading);
      return reading;
    },
    /** The newest snapshot that was read. */
    latest: (): AccountSnapshot | null => latest,
    /** The newest reading of a pool, with its slot. */
    newest(pool: WatchedPool<A>): { readonly slot: bigint; readonly reading: PoolReading } | null {
      return latest && { slot: latest.slot, reading: this.read(latest, pool) };
    },
  };
}

function readPool<A extends PoolAddresses>(
  program: PoolProgram<A>,
  { addresses, tokens }: WatchedPool<A>,
  snapshot: AccountSnapshot,
  clock: ChainClock,
): PoolReading {
  const data = (address: string) => snapshot.data(address) ?? new Uint8Array();
  const amountIn = (vault: string) => decodeTokenAccount(data(vault)).amount;
  const feeOf = (index: 0 | 1): TransferFee | null => {
    const { mint, tokenProgram } = tokens[index];
    if (tokenProgram === TOKEN_PROGRAM) return null;
    const config = decodeMint(data(mint)).transferFeeConfig;
    return config && transferFeeAt(config, clock.epoch);
  };
  try {
    const vaultAmounts = [amountIn(addresses.vaults[0]), amountIn(addresses.vaults[1])] as const;
    const { pool, reserves } = program.read(addresses, { data, vaultAmounts });
    return { outcome: 'ready', pool, reserves, clock, transferFees: [feeOf(0), feeOf(1)] };
  } catch (error) {
    if (!(error instanceof InvalidAccount)) throw error;
    return { outcome: 'unreadable', reason: error.message };
  }
}

const at = (reading: PoolReading, clock: ChainClock): PoolReading =>
  reading.outcome === 'ready' ? { ...reading, clock } : reading;

function areEqual(
  before: readonly (Uint8Array | undefined)[],
  now: readonly (Uint8Array | undefined)[],
): boolean {
  const isEqual = (bytes: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
    bytes && other ? Buffer.compare(bytes, other) === 0 : bytes === other;
  return before.length === now.length && before.every((bytes, index) => isEqual(bytes, now[index]));
}
