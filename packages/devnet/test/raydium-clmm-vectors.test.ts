import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readU64, readU128 } from '../src/pools/account-bytes.ts';
import type { ClmmPoolState } from '../src/pools/clmm-state.ts';
import { MOST_COMPUTE_UNITS } from '../src/pools/compute-budget.ts';
import { passedTickArrays } from '../src/pools/raydium-clmm.ts';
import { createClmmWorld, HELD } from './clmm-world.ts';
import { trader } from './program-vm.ts';

interface Vector {
  readonly id: string;
  readonly direction: '0to1' | '1to0';
  readonly mode: 'exactIn' | 'exactOut';
  readonly blockTimestamp?: number;
  readonly amount: string;
  readonly state: {
    readonly sqrtPrice: string;
    readonly tick: number;
    readonly liquidity: string;
    readonly tickSpacing: number;
    readonly tradeFeeRate: number;
    readonly feeOn: 0 | 1 | 2;
    readonly dyn: {
      readonly filterPeriod: number;
      readonly decayPeriod: number;
      readonly reductionFactor: number;
      readonly control: number;
      readonly maxVol: number;
      readonly idxRef: number;
      readonly volRef: number;
      readonly volAcc: number;
      readonly lastTs: number;
    } | null;
    readonly ticks: readonly {
      readonly tick: number;
      readonly net: string;
      readonly gross: string;
      readonly orders: string;
      readonly partRem: string;
    }[];
  };
  readonly expected: {
    readonly error?: string;
    readonly amountIn?: string;
    readonly amountOut?: string;
    readonly fee?: string;
    readonly sqrtPriceAfter?: string;
    readonly tickAfter?: number;
    readonly liquidityAfter?: string;
  };
}

const path = new URL('../../amm/test/vectors/raydium_clmm.json', import.meta.url);
const { cases }: { cases: Vector[] } = JSON.parse(readFileSync(path, 'utf8'));

function stateOf({ state }: Vector): ClmmPoolState {
  const { dyn } = state;
  return {
    sqrtPrice: BigInt(state.sqrtPrice),
    tick: state.tick,
    liquidity: BigInt(state.liquidity),
    tickSpacing: state.tickSpacing,
    feeOn: state.feeOn,
    ticks: state.ticks.map(({ tick, net, gross, orders, partRem }) => ({
      tick,
      net: BigInt(net),
      gross: BigInt(gross),
      orders: { untouched: BigInt(orders), left: BigInt(partRem), unfilledRatio: 2n ** 63n },
    })),
    ...(dyn && {
      dynamicFee: {
        filterPeriod: dyn.filterPeriod,
        decayPeriod: dyn.decayPeriod,
        reductionFactor: dyn.reductionFactor,
        control: dyn.control,
        maxVolatility: dyn.maxVol,
        groupReference: dyn.idxRef,
        volatilityReference: dyn.volRef,
        volatility: dyn.volAcc,
        updatedAt: BigInt(dyn.lastTs),
      },
    }),
  };
}

/** The fees of all three parties: owed to positions, protocol and fund, in either token. */
function feesOf(pool: Uint8Array): bigint {
  return [1032, 1048, 309, 317, 1064, 1072].reduce((sum, at) => sum + readU64(pool, at), 0n);
}

test('the Raydium CLMM program moves what the formulas give in every recorded swap, limit orders included', async () => {
  const world = await createClmmWorld();
  const { vm } = world;
  const differences: unknown[] = [];
  let moves = 0;
  for (const vector of cases) {
    const { state, expected } = vector;
    const isZeroForOne = vector.direction === '0to1';
    const isExactOut = vector.mode === 'exactOut';
    await world.place(stateOf(vector), { tradeFeeRate: state.tradeFeeRate });
    vm.setTime({ unixTimestamp: BigInt(vector.blockTimestamp ?? 1_700_000_000) });
    const { bitmapExtension } = world.addresses();
    const outcome = vm.run(trader, [
      MOST_COMPUTE_UNITS,
      world.swap({
        isZeroForOne,
        isExactOut,
        amount: BigInt(vector.amount),
        threshold: isExactOut ? 2n ** 64n - 1n : 0n,
        remaining: [bitmapExtension, ...passedTickArrays(world.addresses(), isZeroForOne)],
      }),
    ]);

    const [delta0, delta1] = world.deltas();
    const pool = Buffer.from(vm.data(world.addresses().pool));
    const moved = outcome.ok && {
      amountIn: String(isZeroForOne ? -delta0 : -delta1),
      amountOut: String(isZeroForOne ? delta1 : delta0),
      fee: String(feesOf(pool)),
      sqrtPriceAfter: String(readU128(pool, 253)),
      tickAfter: pool.readInt32LE(269),
      liquidityAfter: String(readU128(pool, 237)),
    };
    const { amountIn, amountOut, fee, sqrtPriceAfter, tickAfter, liquidityAfter } = expected;
    const isBeyondFunds = [amountIn, amountOut].some((amount) => BigInt(amount ?? 0) > HELD);
    const wanted = !expected.error &&
      !isBeyondFunds && { amountIn, amountOut, fee, sqrtPriceAfter, tickAfter, liquidityAfter };
    if (moved) moves += 1;
    if (JSON.stringify(moved) !== JSON.stringify(wanted))
      differences.push({ id: vector.id, moved, wanted, expected, outcome });
  }
  expect(differences).toEqual([]);
  expect(moves).toBeGreaterThan(250);
}, 120_000);
