import type { RaydiumCpmmPool } from '../pools/raydium-cpmm.ts';
import { ByteReader, InvalidAccount } from './byte-reader.ts';

/** Layouts: raydium-io/raydium-cp-swap, programs/cp-swap/src/states/{pool,config}.rs. */

export const RAYDIUM_CPMM_PROGRAM = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C';

/** A pool_state account: the addresses that quotes read and swaps name, and the fees owed from the vaults. */
export interface RaydiumCpmmPoolAccount {
  readonly ammConfig: string;
  readonly creator: string;
  readonly vaults: readonly [string, string];
  readonly lpMint: string;
  readonly mints: readonly [string, string];
  readonly tokenPrograms: readonly [string, string];
  readonly observation: string;
  readonly authorityBump: number;
  /** Bit 2 set: swaps are disabled. */
  readonly status: number;
  readonly decimals: readonly [number, number];
  readonly lpSupply: bigint;
  /** Base units owed from the vaults. */
  readonly protocolFees: readonly [bigint, bigint];
  readonly fundFees: readonly [bigint, bigint];
  readonly creatorFees: readonly [bigint, bigint];
  /** Seconds since 1970. */
  readonly openTime: bigint;
  readonly creatorFeeOn: RaydiumCpmmPool['creatorFeeOn'];
  readonly isCreatorFeeEnabled: boolean;
}

/** An amm_config account. Rates per 1,000,000. */
export interface RaydiumCpmmConfigAccount {
  readonly index: number;
  readonly tradeFeeRate: bigint;
  readonly protocolFeeRate: bigint;
  readonly fundFeeRate: bigint;
  readonly creatorFeeRate: bigint;
}

const CREATOR_FEE_ON = ['input', 'token0', 'token1'] as const;
const SWAP_DISABLED_BIT = 4;

/** @throws {InvalidAccount} The data is not a pool_state account. */
export function decodeRaydiumCpmmPool(data: Uint8Array): RaydiumCpmmPoolAccount {
  const account = 'Raydium CPMM pool';
  const reader = new ByteReader(data, { account, minLength: 637, discriminator: 'f7ede3f5d7c3de46' });
  const creatorFeeOn = CREATOR_FEE_ON[reader.u8(389)];
  if (!creatorFeeOn) throw new InvalidAccount(account, `unknown creator fee side ${reader.u8(389)}`);
  return {
    ammConfig: reader.address(8),
    creator: reader.address(40),
    vaults: [reader.address(72), reader.address(104)],
    lpMint: reader.address(136),
    mints: [reader.address(168), reader.address(200)],
    tokenPrograms: [reader.address(232), reader.address(264)],
    observation: reader.address(296),
    authorityBump: reader.u8(328),
    status: reader.u8(329),
    decimals: [reader.u8(331), reader.u8(332)],
    lpSupply: reader.u64(333),
    protocolFees: [reader.u64(341), reader.u64(349)],
    fundFees: [reader.u64(357), reader.u64(365)],
    openTime: reader.u64(373),
    creatorFeeOn,
    isCreatorFeeEnabled: reader.u8(390) !== 0,
    creatorFees: [reader.u64(397), reader.u64(405)],
  };
}

/** @throws {InvalidAccount} The data is not an amm_config account. */
export function decodeRaydiumAmmConfig(data: Uint8Array): RaydiumCpmmConfigAccount {
  const account = 'Raydium CPMM configuration';
  const reader = new ByteReader(data, { account, minLength: 236, discriminator: 'daf42168cbcb2b6f' });
  return {
    index: reader.u16(10),
    tradeFeeRate: reader.u64(12),
    protocolFeeRate: reader.u64(20),
    fundFeeRate: reader.u64(28),
    creatorFeeRate: reader.u64(108),
  };
}

/** The pool to quote, from its three parts read at one slot. */
export function toRaydiumCpmmPool(parts: {
  pool: RaydiumCpmmPoolAccount;
  config: RaydiumCpmmConfigAccount;
  /** Token balances of vault 0 and vault 1, base units. */
  vaultAmounts: readonly [bigint, bigint];
}): RaydiumCpmmPool {
  const { pool, config, vaultAmounts } = parts;
  const reserve = (index: 0 | 1) =>
    vaultAmounts[index] - pool.protocolFees[index] - pool.fundFees[index] - pool.creatorFees[index];
  return {
    kind: 'raydium-cpmm',
    reserves: [reserve(0), reserve(1)],
    tradeFeeRate: config.tradeFeeRate,
    protocolFeeRate: config.protocolFeeRate,
    fundFeeRate: config.fundFeeRate,
    creatorFeeRate: pool.isCreatorFeeEnabled ? config.creatorFeeRate : 0n,
    creatorFeeOn: pool.creatorFeeOn,
    window: {
      isEnabled: (pool.status & SWAP_DISABLED_BIT) === 0,
      opensAt: pool.openTime,
      pointKind: 'timestamp',
    },
  };
}
