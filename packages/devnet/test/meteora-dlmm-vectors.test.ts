import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dlmmArrayIndex } from '../src/pools/dlmm-state.ts';
import { createDlmmWorld } from './dlmm-world.ts';
import { MOST_COMPUTE_UNITS, trader } from './program-vm.ts';

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

const hasOrders = ({ state }: Vector): boolean =>
  state.bins.some(({ loOpen, loProcessed }) => BigInt(loOpen ?? 0) + BigInt(loProcessed ?? 0) > 0n);
const arraysOf = ({ state }: Vector): number[] => [
  ...new Set(state.bins.map(({ id }) => dlmmArrayIndex(id))),
];
/** Without limit orders, within the pool's own bitmap, and not in more bin arrays than an instruction may name. */
const isServed = (vector: Vector): boolean =>
  !hasOrders(vector) &&
  arraysOf(vector).length <= 4 &&
  [vector.state.activeId, ...vector.state.bins.map(({ id }) => id)].every((id) => Math.abs(id) < 35_000);

test('the Meteora DLMM program moves what the mainnet program does in every recorded swap that it serves', async () => {
  const world = createDlmmWorld();
  const { vm } = world;
  const served = cases.filter(isServed);
  expect(served.length).toBeGreaterThan(200);

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
      bins: state.bins.map(({ id, x, y }) => ({ id, x: BigInt(x), y: BigInt(y) })),
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
    const wanted = !expected.error && !isBeyondFunds && { amountIn, amountOut, protocolFee, lastBin };
    if (JSON.stringify(moved) !== JSON.stringify(wanted))
      differences.push({ id: vector.id, mode: vector.mode, moved, expected, outcome });
  }
  expect(differences).toEqual([]);
}, 300_000);
