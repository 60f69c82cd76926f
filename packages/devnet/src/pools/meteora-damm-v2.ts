import { METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import { deriveAddress, requireAddressBytes, TOKEN_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { createAccountBytes, readU128 } from './account-bytes.ts';
import { METEORA_DAMM_V2_AUTHORITY } from './addresses.ts';
import { ceilDivide, integerSquareRoot } from './integer-math.ts';
import { createTokenAccount, rentExemptLamports } from './token-accounts.ts';

/** Layout: the interface description inside `@meteora-ag/cp-amm-sdk` (MIT), account `Pool`. */
const POOL_BYTES = 1_112;
const POOL_DISCRIMINATOR = Uint8Array.of(0xf1, 0x9a, 0x6d, 0x04, 0x11, 0xb1, 0x6d, 0xbc);

/** The widest price range of the program, as square roots in Q64.64. */
export const DAMM_MIN_SQRT_PRICE = 4_295_048_016n;
export const DAMM_MAX_SQRT_PRICE = 79_226_673_521_066_979_257_578_248_091n;

export interface DammAddresses {
  readonly pool: string;
  readonly mintA: string;
  readonly mintB: string;
  readonly vaultA: string;
  readonly vaultB: string;
  readonly tokenProgramA: string;
  readonly tokenProgramB: string;
}

/** A fee that rises with recent price moves. Mirrors `DynamicFeeStruct`. */
export interface DammDynamicFee {
  readonly maxVolatilityAccumulator: number;
  readonly variableFeeControl: number;
  /** Basis points. */
  readonly binStep: number;
  /** Seconds. */
  readonly filterPeriod: number;
  /** Seconds. */
  readonly decayPeriod: number;
  /** Basis points. */
  readonly reductionFactor: number;
  readonly lastUpdateTimestamp?: bigint;
  readonly sqrtPriceReference?: bigint;
  readonly volatilityAccumulator?: bigint;
  readonly volatilityReference?: bigint;
}

/** The first 32 bytes of a pool's fees: mode 0 linear, 1 exponential, 2 rate limiter, 3 and 4 market cap. */
export interface DammBaseFee {
  /** Per 1,000,000,000. */
  readonly cliffFeeNumerator: bigint;
  readonly mode?: number;
  readonly numberOfPeriods?: number;
  /** Modes 0 and 1. In points: slots or seconds by the activation type. */
  readonly periodFrequency?: bigint;
  /** Modes 3 and 4. */
  readonly sqrtPriceStepBps?: number;
  readonly schedulerExpirationDuration?: number;
  readonly reductionFactor?: bigint;
  /** Mode 2: a purchase with token B costs more the more goes in at once. */
  readonly rateLimiter?: DammRateLimiter;
}

interface DammRateLimiter {
  readonly feeIncrementBps: number;
  /** Points from the activation. */
  readonly maxDuration: number;
  readonly maxFeeBps: number;
  /** Base units of token B. */
  readonly referenceAmount: bigint;
}

export interface DammPoolState {
  readonly baseFee: DammBaseFee;
  readonly protocolFeePercent: number;
  readonly referralFeePercent?: number;
  /** Of compounding pools: the share of the fee that stays in the reserves. */
  readonly compoundingFeeBps?: number;
  readonly dynamicFee?: DammDynamicFee;
  readonly initSqrtPrice?: bigint;
  /** Scaled by 2^128 in token B. */
  readonly liquidity: bigint;
  readonly protocolFeeA?: bigint;
  readonly protocolFeeB?: bigint;
  readonly sqrtMinPrice: bigint;
  readonly sqrtMaxPrice: bigint;
  readonly sqrtPrice: bigint;
  readonly activationPoint?: bigint;
  /** 0 by slot, 1 by timestamp. */
  readonly activationType?: number;
  /** 0 enabled, 1 disabled. */
  readonly status?: number;
  /** 0 on the output, 1 in token B, 2 compounding. */
  readonly collectFeeMode: number;
  /** 0 caps the fee at 50 %, 1 at 99 %. */
  readonly feeVersion?: number;
  /** 1 when the reserves below are tracked; 0 leaves the program to derive them. */
  readonly layoutVersion?: number;
  readonly tokenAAmount?: bigint;
  readonly tokenBAmount?: bigint;
}

/** All addresses of a pool, derived from a configuration address and the two mints as on mainnet. */
export async function deriveDammAddresses(pool: {
  config: string;
  mintA: string;
  mintB: string;
}): Promise<DammAddresses> {
  const [keyA, keyB] = [requireAddressBytes(pool.mintA), requireAddressBytes(pool.mintB)];
  const [first, second] = Buffer.compare(keyA, keyB) > 0 ? [keyA, keyB] : [keyB, keyA];
  const address = await deriveAddress(METEORA_DAMM_V2_PROGRAM, [
    'pool',
    requireAddressBytes(pool.config),
    first,
    second,
  ]);
  const [vaultA, vaultB] = await Promise.all(
    [keyA, keyB].map((mint) =>
      deriveAddress(METEORA_DAMM_V2_PROGRAM, ['token_vault', mint, requireAddressBytes(address)]),
    ),
  );
  return {
    pool: address,
    mintA: pool.mintA,
    mintB: pool.mintB,
    vaultA: vaultA!,
    vaultB: vaultB!,
    tokenProgramA: TOKEN_PROGRAM,
    tokenProgramB: TOKEN_PROGRAM,
  };
}

/**
 * Price, range and liquidity of a pool that holds about these reserves.
 *
 * @param reserves.rangePercent How far the price can fall, and as far in proportion rise; 100 for the widest range.
 */
export function dammLiquidity(reserves: { amountA: bigint; amountB: bigint; rangePercent: number }) {
  const { amountA, amountB, rangePercent } = reserves;
  const sqrtPrice = integerSquareRoot((amountB << 128n) / amountA);
  const { sqrtMinPrice, sqrtMaxPrice } = rangeAround(sqrtPrice, rangePercent);
  const liquidity = (amountB << 128n) / (sqrtPrice - sqrtMinPrice);
  return {
    sqrtPrice,
    sqrtMinPrice,
    sqrtMaxPrice,
    liquidity,
    ...reservesOf({ sqrtPrice, sqrtMinPrice, sqrtMaxPrice, liquidity }),
  };
}

/** The amounts of the positions, rounded up as in the program. */
function reservesOf(pool: {
  sqrtPrice: bigint;
  sqrtMinPrice: bigint;
  sqrtMaxPrice: bigint;
  liquidity: bigint;
}) {
  const { sqrtPrice, sqrtMinPrice, sqrtMaxPrice, liquidity } = pool;
  return {
    tokenAAmount: ceilDivide(liquidity * (sqrtMaxPrice - sqrtPrice), sqrtPrice * sqrtMaxPrice),
    tokenBAmount: ceilDivide(liquidity * (sqrtPrice - sqrtMinPrice), 1n << 128n),
  };
}

/**
 * The amounts in the pool; for a range narrower than the full one they are smaller than the reserves of its liquidity.
 */
export function readDammReserves(pool: Uint8Array): { tokenAAmount: bigint; tokenBAmount: bigint } {
  const [sqrtMinPrice, sqrtMaxPrice] = [readU128(pool, 424), readU128(pool, 440)];
  return reservesOf({ ...readDammLiquidity(pool), sqrtMinPrice, sqrtMaxPrice });
}

function rangeAround(sqrtPrice: bigint, rangePercent: number) {
  if (rangePercent === 100) return { sqrtMinPrice: DAMM_MIN_SQRT_PRICE, sqrtMaxPrice: DAMM_MAX_SQRT_PRICE };
  const sqrtMinPrice = integerSquareRoot((sqrtPrice * sqrtPrice * BigInt(100 - rangePercent)) / 100n);
  return { sqrtMinPrice, sqrtMaxPrice: (sqrtPrice * sqrtPrice) / sqrtMinPrice };
}

export function createDammPool(addresses: DammAddresses, state: DammPoolState): GenesisAccount {
  const { baseFee, dynamicFee } = state;
  const data = createAccountBytes(POOL_BYTES)
    .raw(0, POOL_DISCRIMINATOR)
    .u64(8, baseFee.cliffFeeNumerator)
    .u8(16, baseFee.mode ?? 0)
    .u16(22, baseFee.numberOfPeriods ?? 0)
    .u64(24, baseFee.periodFrequency ?? 0n)
    .u64(32, baseFee.reductionFactor ?? 0n)
    .u8(48, state.protocolFeePercent)
    .u8(50, state.referralFeePercent ?? 0)
    .u16(54, state.compoundingFeeBps ?? 0)
    .u128(152, state.initSqrtPrice ?? 0n)
    .address(168, addresses.mintA)
    .address(200, addresses.mintB)
    .address(232, addresses.vaultA)
    .address(264, addresses.vaultB)
    .u128(360, state.liquidity)
    .u64(392, state.protocolFeeA ?? 0n)
    .u64(400, state.protocolFeeB ?? 0n)
    .u128(424, state.sqrtMinPrice)
    .u128(440, state.sqrtMaxPrice)
    .u128(456, state.sqrtPrice)
    .u64(472, state.activationPoint ?? 0n)
    .u8(480, state.activationType ?? 0)
    .u8(481, state.status ?? 0)
    .u8(482, addresses.tokenProgramA === TOKEN_PROGRAM ? 0 : 1)
    .u8(483, addresses.tokenProgramB === TOKEN_PROGRAM ? 0 : 1)
    .u8(484, state.collectFeeMode)
    .u8(486, state.feeVersion ?? 0)
    .u64(680, state.tokenAAmount ?? 0n)
    .u64(688, state.tokenBAmount ?? 0n)
    .u8(696, state.layoutVersion ?? 0);
  if (baseFee.sqrtPriceStepBps !== undefined)
    data.u32(24, baseFee.sqrtPriceStepBps).u32(28, baseFee.schedulerExpirationDuration ?? 0);
  if (baseFee.rateLimiter) {
    const { feeIncrementBps, maxDuration, maxFeeBps, referenceAmount } = baseFee.rateLimiter;
    data.u16(22, feeIncrementBps).u32(24, maxDuration).u32(28, maxFeeBps).u64(32, referenceAmount);
  }
  if (dynamicFee) {
    data
      .u8(56, 1)
      .u32(64, dynamicFee.maxVolatilityAccumulator)
      .u32(68, dynamicFee.variableFeeControl)
      .u16(72, dynamicFee.binStep)
      .u16(74, dynamicFee.filterPeriod)
      .u16(76, dynamicFee.decayPeriod)
      .u16(78, dynamicFee.reductionFactor)
      .u64(80, dynamicFee.lastUpdateTimestamp ?? 0n)
      .u128(88, ((BigInt(dynamicFee.binStep) << 64n) + 9_999n) / 10_000n)
      .u128(104, dynamicFee.sqrtPriceReference ?? state.sqrtPrice)
      .u128(120, dynamicFee.volatilityAccumulator ?? 0n)
      .u128(136, dynamicFee.volatilityReference ?? 0n);
  }
  return {
    address: addresses.pool,
    lamports: rentExemptLamports(POOL_BYTES),
    owner: METEORA_DAMM_V2_PROGRAM,
    executable: false,
    data: data.bytes,
  };
}

export function createDammVaults(
  addresses: DammAddresses,
  amounts: { amountA: bigint; amountB: bigint },
): GenesisAccount[] {
  const owner = METEORA_DAMM_V2_AUTHORITY;
  const { vaultA, vaultB, mintA, mintB, tokenProgramA, tokenProgramB } = addresses;
  return [
    createTokenAccount({
      address: vaultA,
      mint: mintA,
      owner,
      amount: amounts.amountA,
      program: tokenProgramA,
    }),
    createTokenAccount({
      address: vaultB,
      mint: mintB,
      owner,
      amount: amounts.amountB,
      program: tokenProgramB,
    }),
  ];
}

export function readDammLiquidity(pool: Uint8Array): { liquidity: bigint; sqrtPrice: bigint } {
  return { liquidity: readU128(pool, 360), sqrtPrice: readU128(pool, 456) };
}
