import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MOST_COMPUTE_UNITS } from '../src/pools/compute-budget.ts';
import type { DlmmBinOrders } from '../src/pools/dlmm-state.ts';
import { createDlmmWorld } from './dlmm-world.ts';
import { trader } from './program-vm.ts';

interface Vector {
  readonly id: string;
  readonly direction: 'XtoY' | 'YtoX';
  readonly mode: 'exactIn' | 'exactOut';
  readonly currentTimestamp: number;
  readonly amount: string;
  readonly state: {
    readonly activeId: number;
    readonly binStep: number;
    readonly baseFactor: number;
    readonly baseFeePowerFactor: number;
    readonly variableFeeControl: number;
    readonly filterPeriod: number;
    readonly decayPeriod: number;
    readonly reductionFactor: number;
    readonly maxVolatilityAccumulator: number;
    readonly protocolShare: number;
    readonly collectFeeMode: number;
    readonly v: {
      readonly volatilityAccumulator: number;
      readonly volatilityReference: number;
      readonly indexReference: number;
      readonly lastUpdateTimestamp: number;
    };
    readonly bins: readonly {
      readonly id: number;
      readonly x: string;
      readonly y: string;
      readonly loAskSide?: number;
      readonly loOpen?: string;
      readonly loProcessed?: string;
    }[];
  };
  readonly expected: {
    error?: string;
    amountIn?: string;
    amountOut?: string;
    protocolFee?: string;
    lastBin?: number;
  };
}

const path = new URL('../../amm/test/vectors/meteora_dlmm.json', import.meta.url);
const { cases }: { cases: Vector[] } = JSON.parse(readFileSync(path, 'utf8'));

/**
 * The program's protocol fee where the formula of the recorded cases says otherwise: it counts the surplus of an exact
 * output even where the fee is on the input, and forgets a fee that its input does not outlast.
 */
const feesPath = new URL('vectors/meteora-dlmm-protocol-fees.json', import.meta.url);
const { protocolFees }: { protocolFees: Record<string, string> } = JSON.parse(readFileSync(feesPath, 'utf8'));

/** Within the pool's own bitmap: the recorded cases have no extension of it. */
const isServed = ({ state }: Vector): boolean =>
  [state.activeId, ...state.bins.map(({ id }) => id)].every((id) => Math.abs(id) < 35_000);

function ordersOf(bin: Vector['state']['bins'][number]): DlmmBinOrders | null {
  if (bin.loOpen === undefined) return null;
  const [open, processed] = [BigInt(bin.loOpen), BigInt(bin.loProcessed ?? 0)];
  return { side: bin.loAskSide ? 'ask' : 'bid', open, processed, processing: processed, age: 1 };
}

test('the Meteora DLMM program moves what the mainnet program does in every recorded swap that it serves', async () => {
  const world = createDlmmWorld();
  const { vm } = world;
  const served = cases.filter(isServed);
  expect(served.length).toBeGreaterThan(370);

  const differences: unknown[] = [];
  for (const vector of served) {
    const { state, expected } = vector;
    const isXToY = vector.direction === 'XtoY';
    const isExactOut = vector.mode === 'exactOut';
    await world.place({
      ...state,
      volatility: {
        accumulator: state.v.volatilityAccumulator,
        reference: state.v.volatilityReference,
        indexReference: state.v.indexReference,
        lastUpdate: BigInt(state.v.lastUpdateTimestamp),
      },
      minBinId: -443_636,
      maxBinId: 443_636,
      bins: state.bins.map((bin) => {
        const orders = ordersOf(bin);
        return { id: bin.id, x: BigInt(bin.x), y: BigInt(bin.y), ...(orders && { orders }) };
      }),
    });
    vm.setTime({ unixTimestamp: BigInt(vector.currentTimestamp) });
    const amounts = isExactOut
      ? { first: 2n ** 64n - 1n, second: BigInt(vector.amount) }
      : { first: BigInt(vector.amount), second: 0n };
    const outcome = vm.run(trader, [MOST_COMPUTE_UNITS, world.swap({ isXToY, isExactOut, ...amounts })]);

    const { x, y } = world.deltas();
    const pool = Buffer.from(vm.data(world.addresses().pool));
    const moved = outcome.ok && {
      amountIn: String(isXToY ? -x : -y),
      amountOut: String(isXToY ? y : x),
      protocolFee: String(pool.readBigUInt64LE(216) + pool.readBigUInt64LE(224)),
      lastBin: pool.readInt32LE(76),
    };
    const isBeyondFunds = BigInt(expected.amountIn ?? 0) > 2n ** 63n;
    const {
      amountIn,
      amountOut,
      protocolFee = moved ? moved.protocolFee : undefined,
      lastBin = moved ? moved.lastBin : undefined,
    } = expected;
    const wanted = !expected.error &&
      !isBeyondFunds && { amountIn, amountOut, protocolFee: protocolFees[vector.id] ?? protocolFee, lastBin };
    if (JSON.stringify(moved) !== JSON.stringify(wanted))
      differences.push({ id: vector.id, mode: vector.mode, moved, expected, outcome });
  }
  expect(differences).toEqual([]);
}, 300_000);
