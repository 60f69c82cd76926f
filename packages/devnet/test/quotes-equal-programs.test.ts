import {
  decodeMeteoraDammV2Pool,
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  decodeRaydiumAmmConfig,
  decodeRaydiumCpmmPool,
  type Pool,
  SwapRefused,
  type SysvarClock,
  swapExactIn,
  swapExactOut,
  swapPartialFill,
  toMeteoraDlmmPool,
  toRaydiumCpmmPool,
} from '@oee/amm';
import { describe, expect, test } from 'vitest';
import { type SeededDraws, seededDraws } from '../src/market/seeded-hash.ts';
import { MOST_COMPUTE_UNITS } from '../src/pools/compute-budget.ts';
import type { DlmmBinState } from '../src/pools/dlmm-state.ts';
import type { DammBaseFee, DammDynamicFee } from '../src/pools/meteora-damm-v2.ts';
import { createCpmmWorld } from './cpmm-world.ts';
import { createDammWorld } from './damm-world.ts';
import { createDlmmWorld } from './dlmm-world.ts';
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
  swap: {
    isExactOut: boolean;
    mayBePartial?: boolean;
    inputIndex: 0 | 1;
    amount: bigint;
    clock: SysvarClock;
  },
): Moved | 'refused' {
  const { isExactOut, mayBePartial = false, inputIndex, amount, clock } = swap;
  const swapInput = mayBePartial ? swapPartialFill : swapExactIn;
  try {
    const { amountIn, amountOut } = isExactOut
      ? swapExactOut(pool, { inputIndex, amountOut: amount, clock })
      : swapInput(pool, { inputIndex, amountIn: amount, clock });
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

/** A ladder of bins around the active one with holes in it: X above, Y below, both in the active bin. */
function drawBins(draws: SeededDraws, activeId: number): DlmmBinState[] {
  const most = 10n ** BigInt(2 + draws.below(14));
  return Array.from({ length: 90 }, (_, index) => activeId - 45 + index).flatMap((id) => {
    if (draws.below(4) === 0) return [];
    const [x, y] = [amountUpTo(draws, most), amountUpTo(draws, most)];
    return [{ id, x: id >= activeId ? x : 0n, y: id <= activeId ? y : 0n }];
  });
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

  test('on Meteora DAMM v2, for schedulers, dynamic fees, both fee sides and all three modes', async () => {
    const world = await createDammWorld();
    const { vm, addresses } = world;
    const clock = { slot: 5_000n, unixTimestamp: NOW };
    vm.setTime(clock);
    const kinds = { moved: 0, refused: 0, partial: 0 };
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
      const mode = draws.below(3);
      const isExactOut = mode === 2;
      const mayBePartial = mode === 1;
      // A partial fill beyond what the trader holds takes what there is room for.
      const amount = amountUpTo(draws, mayBePartial ? 10n ** 17n : 10n ** 13n);
      const asked = { isExactOut, mayBePartial, inputIndex: isAToB ? 0 : 1, amount, clock } as const;
      const quoted = quoteOrRefusal(pool, asked);
      const amount1 = isExactOut ? 2n ** 64n - 1n : 0n;
      const outcome = vm.run(trader, [world.swap({ isAToB, amount0: amount, amount1, mode })]);
      const { a, b } = world.deltas();
      const moved = movedOrRefusal(outcome, isAToB ? { into: a, out: b } : { into: b, out: a });
      const isBeyondFunds =
        quoted !== 'refused' && (quoted.amountIn > 10n ** 18n || quoted.amountOut > 10n ** 18n);
      expect({ index, swap: moved }).toEqual({ index, swap: isBeyondFunds ? 'refused' : quoted });
      kinds[outcome.ok ? 'moved' : 'refused'] += 1;
      if (mayBePartial && quoted !== 'refused' && quoted.amountIn < amount) kinds.partial += 1;
    }
    expect(kinds.moved).toBeGreaterThan(CASES / 2);
    expect(kinds.refused).toBeGreaterThan(10);
    expect(kinds.partial).toBeGreaterThan(10);
  });

  test('on Meteora DLMM, for both fee modes and all ages of volatility, both ways and both instructions', async () => {
    const world = createDlmmWorld();
    const { vm } = world;
    vm.setTime({ unixTimestamp: NOW });
    const kinds = { moved: 0, refused: 0 };
    for (let index = 0; index < CASES; index++) {
      const draws = seededDraws('dlmm quotes', index);
      const activeId = draws.below(3_000) - 1_500;
      await world.place({
        activeId,
        binStep: pick(draws, [1, 5, 20, 100]),
        baseFactor: pick(draws, [0, 5_000, 15_000, 60_000]),
        variableFeeControl: pick(draws, [0, 2_000, 40_000, 4_000_000]),
        filterPeriod: 30,
        decayPeriod: 600,
        reductionFactor: 5_000,
        maxVolatilityAccumulator: 350_000,
        protocolShare: 1_000,
        collectFeeMode: draws.below(2),
        volatility: {
          accumulator: draws.below(300_000),
          reference: draws.below(100_000),
          indexReference: activeId + draws.below(20) - 10,
          lastUpdate: NOW - pick(draws, [0n, 10n, 100n, 1_000n]),
        },
        bins: drawBins(draws, activeId),
      });
      const { pool: address, binArrays } = world.addresses();
      const pool = toMeteoraDlmmPool({
        pool: decodeMeteoraDlmmPool(vm.data(address)),
        binArrays: Object.values(binArrays).map((array) => decodeMeteoraDlmmBinArray(vm.data(array))),
      });
      const isXToY = draws.below(2) === 0;
      const isExactOut = draws.below(2) === 0;
      const amount = amountUpTo(draws, 10n ** 17n);
      const clock = { slot: 1n, unixTimestamp: NOW };
      const quoted = quoteOrRefusal(pool, { isExactOut, inputIndex: isXToY ? 0 : 1, amount, clock });
      const outcome = vm.run(trader, [
        MOST_COMPUTE_UNITS,
        world.swap({
          isXToY,
          isExactOut,
          first: isExactOut ? 2n ** 64n - 1n : amount,
          second: isExactOut ? amount : 0n,
        }),
      ]);
      const { x, y } = world.deltas();
      const deltas = isXToY ? { into: x, out: y } : { into: y, out: x };
      expect({ index, swap: movedOrRefusal(outcome, deltas) }).toEqual({ index, swap: quoted });
      kinds[outcome.ok ? 'moved' : 'refused'] += 1;

      // What the swap left behind is quoted as exactly as what was there before.
      const after = toMeteoraDlmmPool({
        pool: decodeMeteoraDlmmPool(vm.data(address)),
        binArrays: Object.values(binArrays).map((array) => decodeMeteoraDlmmBinArray(vm.data(array))),
      });
      const back = { inputIndex: isXToY ? 1 : 0, amountIn: 1n + amount / 3n, clock } as const;
      const again = quoteOrRefusal(after, { ...back, isExactOut: false, amount: back.amountIn });
      const second = vm.run(trader, [
        MOST_COMPUTE_UNITS,
        world.swap({ isXToY: !isXToY, first: back.amountIn, second: 0n }),
      ]);
      const total = world.deltas();
      const moved = isXToY
        ? { into: total.y - y, out: total.x - x }
        : { into: total.x - x, out: total.y - y };
      expect({ index, again: movedOrRefusal(second, moved) }).toEqual({ index, again });
    }
    expect(kinds.moved).toBeGreaterThan(CASES / 3);
    expect(kinds.refused).toBeGreaterThan(10);
  }, 120_000);
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
