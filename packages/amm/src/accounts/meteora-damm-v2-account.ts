import type { MeteoraDammV2Pool } from '../pools/meteora-damm-v2.ts';
import type { BaseFee, DynamicFee } from '../pools/meteora-damm-v2-fee.ts';
import { ByteReader, InvalidAccount } from './byte-reader.ts';

/** Layout: the interface description inside the MIT-licensed npm package @meteora-ag/cp-amm-sdk 1.5.0. */

export const METEORA_DAMM_V2_PROGRAM = 'cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG';

/** A pool account: everything that a quote needs, and the addresses that a swap names. */
export interface MeteoraDammV2PoolAccount {
  readonly mints: readonly [string, string];
  readonly vaults: readonly [string, string];
  /** 0 for SPL Token, 1 for Token-2022. */
  readonly tokenFlags: readonly [number, number];
  readonly creator: string;
  readonly pool: MeteoraDammV2Pool;
}

const COLLECT_FEE_MODES = ['output', 'token-b', 'compounding'] as const;
const ACCOUNT = 'Meteora DAMM v2 pool';

/** @throws {InvalidAccount} The data is not a pool account, or has an unknown version. */
export function decodeMeteoraDammV2Pool(data: Uint8Array): MeteoraDammV2PoolAccount {
  const reader = new ByteReader(data, {
    account: ACCOUNT,
    minLength: 1112,
    discriminator: 'f19a6d0411b16dbc',
  });
  return {
    mints: [reader.address(168), reader.address(200)],
    vaults: [reader.address(232), reader.address(264)],
    tokenFlags: [reader.u8(482), reader.u8(483)],
    creator: reader.address(648),
    pool: poolOf(reader),
  };
}

function poolOf(reader: ByteReader): MeteoraDammV2Pool {
  const activationPoint = reader.u64(472);
  const pointKind = reader.u8(480) === 0 ? 'slot' : 'timestamp';
  return {
    kind: 'meteora-damm-v2',
    baseFee: baseFeeOf(reader),
    dynamicFee: dynamicFeeOf(reader),
    protocolFeePercent: BigInt(reader.u8(48)),
    compoundingFeeBps: BigInt(reader.u16(54)),
    initialSqrtPrice: reader.u128(152),
    liquidity: reader.u128(360),
    sqrtMinPrice: reader.u128(424),
    sqrtMaxPrice: reader.u128(440),
    sqrtPrice: reader.u128(456),
    collectFeeMode: known(COLLECT_FEE_MODES[reader.u8(484)], 'collect fee mode'),
    feeVersion: known(([0, 1] as const)[reader.u8(486)], 'fee version'),
    reserves: [reader.u64(680), reader.u64(688)],
    activationPoint,
    pointKind,
    window: { isEnabled: reader.u8(481) === 0, opensAt: activationPoint, pointKind },
  };
}

function baseFeeOf(reader: ByteReader): BaseFee {
  const mode = reader.u8(16);
  const cliffFeeNumerator = reader.u64(8);
  const first = BigInt(reader.u16(22));
  if (mode === 2) {
    return {
      kind: 'rate-limiter',
      cliffFeeNumerator,
      feeIncrementBps: first,
      maxLimiterDuration: BigInt(reader.u32(24)),
      maxFeeBps: BigInt(reader.u32(28)),
      referenceAmount: reader.u64(32),
    };
  }
  const schedule = { cliffFeeNumerator, numberOfPeriods: first, reductionFactor: reader.u64(32) };
  const shape = mode === 0 || mode === 3 ? 'linear' : 'exponential';
  if (mode <= 1) return { kind: 'time-scheduler', shape, ...schedule, periodFrequency: reader.u64(24) };
  if (mode > 4) throw new InvalidAccount(ACCOUNT, `unknown base fee mode ${mode}`);
  const sqrtPriceStepBps = BigInt(reader.u32(24));
  const expirationDuration = BigInt(reader.u32(28));
  return { kind: 'market-cap-scheduler', shape, ...schedule, sqrtPriceStepBps, expirationDuration };
}

function dynamicFeeOf(reader: ByteReader): DynamicFee | null {
  if (reader.u8(56) === 0) return null;
  return {
    variableFeeControl: BigInt(reader.u32(68)),
    binStep: BigInt(reader.u16(72)),
    volatilityAccumulator: reader.u128(120),
  };
}

function known<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new InvalidAccount(ACCOUNT, `unknown ${field}`);
  return value;
}
