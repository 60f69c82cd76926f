import type { RaydiumAmmV4Pool } from '../pools/raydium-amm-v4.ts';
import { ByteReader } from './byte-reader.ts';

/** Layout: raydium-io/raydium-amm, program/src/state.rs, AmmInfo. */

export const RAYDIUM_AMM_V4_PROGRAM = '675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8';

/** Token 0 is coin, token 1 is pc. */
export interface RaydiumAmmV4PoolAccount {
  /**
   * A pool of status 6 trades, of 7 from `openTime` on, of 1 if the program serves it (`toRaydiumAmmV4Pool`); others do
   * not.
   */
  readonly status: number;
  readonly decimals: readonly [number, number];
  readonly swapFeeNumerator: bigint;
  readonly swapFeeDenominator: bigint;
  /** Base units still to be taken out of the vaults. */
  readonly needTakePnl: readonly [bigint, bigint];
  /** Seconds since 1970. */
  readonly openTime: bigint;
  readonly vaults: readonly [string, string];
  readonly mints: readonly [string, string];
  readonly lpMint: string;
  readonly openOrders: string;
  readonly market: string;
  readonly marketProgram: string;
  readonly targetOrders: string;
}

/** Status of a pool that has an order book, or had one before the program dropped order books. */
export const AMM_V4_INITIALIZED = 1;
const SWAP_ONLY_STATUS = 6;
const WAITING_STATUS = 7;

/** @throws {InvalidAccount} The data is not an AmmInfo account. */
export function decodeRaydiumAmmV4Pool(data: Uint8Array): RaydiumAmmV4PoolAccount {
  const reader = new ByteReader(data, { account: 'Raydium AMM v4 pool', minLength: 752, discriminator: '' });
  return {
    status: Number(reader.u64(0)),
    decimals: [Number(reader.u64(32)), Number(reader.u64(40))],
    swapFeeNumerator: reader.u64(176),
    swapFeeDenominator: reader.u64(184),
    needTakePnl: [reader.u64(192), reader.u64(200)],
    openTime: reader.u64(224),
    vaults: [reader.address(336), reader.address(368)],
    mints: [reader.address(400), reader.address(432)],
    lpMint: reader.address(464),
    openOrders: reader.address(496),
    market: reader.address(528),
    marketProgram: reader.address(560),
    targetOrders: reader.address(592),
  };
}

/**
 * The pool to quote, from its account and its vaults' balances read at one slot.
 *
 * @param parts.servesInitialized Whether the program takes swaps without an order book on pools of status 1: versions
 * without order books take them, those with order books answer 22 (InvalidStatus).
 */
export function toRaydiumAmmV4Pool(parts: {
  pool: RaydiumAmmV4PoolAccount;
  vaultAmounts: readonly [bigint, bigint];
  servesInitialized?: boolean;
}): RaydiumAmmV4Pool {
  const { pool, vaultAmounts, servesInitialized = false } = parts;
  const { status } = pool;
  const isServed =
    status === SWAP_ONLY_STATUS ||
    status === WAITING_STATUS ||
    (status === AMM_V4_INITIALIZED && servesInitialized);
  return {
    kind: 'raydium-amm-v4',
    reserves: [vaultAmounts[0] - pool.needTakePnl[0], vaultAmounts[1] - pool.needTakePnl[1]],
    swapFeeNumerator: pool.swapFeeNumerator,
    swapFeeDenominator: pool.swapFeeDenominator,
    window: {
      isEnabled: isServed && pool.swapFeeDenominator > 0n,
      opensAt: status === WAITING_STATUS ? pool.openTime : 0n,
      pointKind: 'timestamp',
    },
  };
}
