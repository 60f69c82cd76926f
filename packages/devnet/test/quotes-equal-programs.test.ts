import {
  type Clock,
  decodeMeteoraDammV2Pool,
  decodeRaydiumAmmConfig,
  decodeRaydiumCpmmPool,
  type Pool,
  SwapRefused,
  swapExactIn,
  swapExactOut,
  toRaydiumCpmmPool,
} from '@oee/amm';
import { describe, expect, test } from 'vitest';
import { type SeededDraws, seededDraws } from '../src/market/seeded-hash.ts';
import type { DammBaseFee, DammDynamicFee } from '../src/pools/meteora-damm-v2.ts';
import { createCpmmWorld } from './cpmm-world.ts';
import { createDammWorld } from './damm-world.ts';
import { type Outcome, trader } from './program-vm.ts';

/**
 * The promise that orders rely on: what is quoted from the account bytes is what the program moves, to the unit,
 * and what is refused in a quote fails on chain.
 */
const CASES = 400;
const NOW = 1_790_000_000n;

interface Moved {
  amountIn: bigint;
  amountOut: bigint;
}

function quoteOrRefusal(
  pool: Pool,
  swap: { isExactOut: boolean; inputIndex: 0 | 1; amount: bigint; clock: Clock },
): Moved | 'refused' {
  const { isExactOut, inputIndex, amount, clock } = swap;
  try {
    const { amountIn, amountOut } = isExactOut
      ? swapExactOut(pool, { inputIndex, amountOut: amount, clock })
      : swapExactIn(pool, { inputIndex, amountIn: amount, clock });
    return { amountIn, amountOut };
  } catch (error) {
    if (error instanceof SwapRefused) return 'refused';
    throw error;
  }
}

function movedOrRefusal(outcome: Outcome, deltas: { into: bigint; out: bigint }): Moved | 'refused' {
  return outcome.ok ? { amountIn: -deltas.into, amountOut: deltas.out } : 'refused';
}

/** From one unit to the size of the pool and beyond, on a logarithmic scale. */
function amountUpTo(draws: SeededDraws, most: bigint): bigint {
  const bits = draws.below(most.toString(2).length);
  return (1n << BigInt(bits)) + (BigInt(draws.below(2 ** 32)) << BigInt(bits)) / 2n ** 32n;
}

function pick<T>(draws: SeededDraws, choices: readonly T[]): T {
  return choices[draws.below(choices.length)]!;
}

describe('a quote equals the program', () => {
  test('on Raydium CPMM, for all fee settings, both ways and both instructions', async () => {
    const world = await createCpmmWorld();
    const { vm, addresses } = world;
    vm.setTime({ unixTimestamp: NOW });
    const kinds = { moved: 0, refused: 0 };
    for (let index = 0; index < CASES; index++) {
      const draws = seededDraws('cpmm quotes', index);
      const creatorFeeOn = pick(draws, [undefined, 0, 1, 2] as const);
      world.place({
        vault0: 1_000_000n + amountUpTo(draws, 10n ** 16n),
        vault1: 1_000_000n + amountUpTo(draws, 10n ** 16n),
        user0: 10n ** 18n,
        user1: 10n ** 18n,
        pool: {
          owed0: {
            protocol: BigInt(draws.below(1_000)),
            fund: BigInt(draws.below(1_000)),
            creator: BigInt(draws.below(1_000)),
          },
          owed1: {
            protocol: BigInt(draws.below(1_000)),
            fund: BigInt(draws.below(1_000)),
            creator: BigInt(draws.below(1_000)),
          },
          ...(creatorFeeOn === undefined ? {} : { creatorFeeOn }),
        },
        rates: {
          tradeFeeRate: pick(draws, [100n, 2_500n, 10_000n, 40_000n]),
          creatorFeeRate: pick(draws, [0n, 500n, 20_000n]),
        },
      });
      const pool = toRaydiumCpmmPool({
        pool: decodeRaydiumCpmmPool(vm.data(addresses.pool)),
        config: decodeRaydiumAmmConfig(vm.data(addresses.config)),
        vaultAmounts: [vm.tokenAmount(addresses.vault0), vm.tokenAmount(addresses.vault1)],
      });
      const isZeroForOne = draws.below(2) === 0;
      const isExactOut = draws.below(2) === 0;
      const amount = amountUpTo(draws, isExactOut ? 10n ** 15n : 10n ** 17n);
      const clock = { slot: 1n, unixTimestamp: NOW };
      const quoted = quoteOrRefusal(pool, { isExactOut, inputIndex: isZeroForOne ? 0 : 1, amount, clock });
      const outcome = vm.run(trader, [
        world.swap({
          isZeroForOne,
          isBaseOutput: isExactOut,
          first: isExactOut ? 10n ** 18n : amount,
          second: isExactOut ? amount : 0n,
        }),
      ]);
      const change0 = vm.tokenAmount(world.user0) - 10n ** 18n;
      const change1 = vm.tokenAmount(world.user1) - 10n ** 18n;
      const deltas = isZeroForOne ? { into: change0, out: change1 } : { into: change1, out: change0 };
      const isBeyondFunds = quoted !== 'refused' && quoted.amountIn > 10n ** 18n;
      expect({ index, swap: movedOrRefusal(outcome, deltas) }).toEqual({
        index,
        swap: isBeyondFunds ? 'refused' : quoted,
      });
      kinds[outcome.ok ? 'moved' : 'refused'] += 1;
    }
    expect(kinds.moved).toBeGreaterThan(CASES / 2);
    expect(kinds.refused).toBeGreaterThan(10);
  });

  test('on Meteora DAMM v2, for schedulers, dynamic fees, both fee sides and both exact modes', async () => {
    const world = await createDammWorld();
    const { vm, addresses } = world;
    const clock = { slot: 5_000n, unixTimestamp: NOW };
    vm.setTime(clock);
    const kinds = { moved: 0, refused: 0 };
    for (let index = 0; index < CASES; index++) {
      const draws = seededDraws('damm quotes', index);
      const sqrtPrice = (1n << 64n) / 50n + (BigInt(draws.below(2 ** 32)) << 34n);
      const isNarrow = draws.below(3) === 0;
      const activationType = draws.below(2);
      world.place({
        baseFee: randomBaseFee(draws),
        ...(draws.below(2) === 0 ? { dynamicFee: randomDynamicFee(draws) } : {}),
        protocolFeePercent: draws.below(50),
        collectFeeMode: draws.below(2),
        feeVersion: draws.below(2),
        liquidity: 1n << BigInt(90 + draws.below(24)),
        sqrtPrice,
        initSqrtPrice: (sqrtPrice * BigInt(80 + draws.below(30))) / 100n,
        ...(isNarrow ? { sqrtMinPrice: (sqrtPrice * 9n) / 10n, sqrtMaxPrice: (sqrtPrice * 11n) / 10n } : {}),
        activationType,
        activationPoint:
          (activationType === 0 ? clock.slot : clock.unixTimestamp) - BigInt(draws.below(4_000)),
      });
      const { pool } = decodeMeteoraDammV2Pool(vm.data(addresses.pool));
      const isAToB = draws.below(2) === 0;
      const isExactOut = draws.below(2) === 0;
      const amount = amountUpTo(draws, 10n ** 13n);
      const quoted = quoteOrRefusal(pool, { isExactOut, inputIndex: isAToB ? 0 : 1, amount, clock });
      const outcome = vm.run(trader, [
        world.swap({
          isAToB,
          amount0: amount,
          amount1: isExactOut ? 2n ** 64n - 1n : 0n,
          mode: isExactOut ? 2 : 0,
        }),
      ]);
      const { a, b } = world.deltas();
      const moved = movedOrRefusal(outcome, isAToB ? { into: a, out: b } : { into: b, out: a });
      const isBeyondFunds =
        quoted !== 'refused' && (quoted.amountIn > 10n ** 18n || quoted.amountOut > 10n ** 18n);
      expect({ index, swap: moved }).toEqual({ index, swap: isBeyondFunds ? 'refused' : quoted });
      kinds[outcome.ok ? 'moved' : 'refused'] += 1;
    }
    expect(kinds.moved).toBeGreaterThan(CASES / 2);
    expect(kinds.refused).toBeGreaterThan(10);
  });
});

function randomBaseFee(draws: SeededDraws): DammBaseFee {
  const cliffFeeNumerator = BigInt(1_000_000 + draws.below(400_000_000));
  const numberOfPeriods = draws.below(100);
  switch (draws.below(5)) {
    case 0:
      return { cliffFeeNumerator };
    case 1:
      return {
        cliffFeeNumerator,
        mode: 0,
        numberOfPeriods,
        periodFrequency: BigInt(draws.below(60)),
        reductionFactor: 9_000n,
      };
    case 2:
      return {
        cliffFeeNumerator,
        mode: 1,
        numberOfPeriods,
        periodFrequency: BigInt(1 + draws.below(60)),
        reductionFactor: BigInt(draws.below(400)),
      };
    default:
      return {
        cliffFeeNumerator,
        mode: 3 + draws.below(2),
        numberOfPeriods,
        sqrtPriceStepBps: 1 + draws.below(200),
        schedulerExpirationDuration: draws.below(6_000),
        reductionFactor: BigInt(1 + draws.below(300)),
      };
  }
}

function randomDynamicFee(draws: SeededDraws): DammDynamicFee {
  return {
    binStep: 1,
    maxVolatilityAccumulator: 14_460_000,
    variableFeeControl: draws.below(2_000),
    filterPeriod: 10,
    decayPeriod: 120,
    reductionFactor: 5_000,
    lastUpdateTimestamp: NOW - BigInt(draws.below(200)),
    volatilityAccumulator: BigInt(draws.below(14_460_000)),
    volatilityReference: BigInt(draws.below(7_000_000)),
  };
}
