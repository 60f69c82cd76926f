import { readFileSync } from 'node:fs';
import {
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  decodeTokenAccount,
  quoteExactIn,
  toMeteoraDlmmPool,
} from '@oee/amm';
import { beforeEach, describe, expect, test } from 'vitest';
import { drawnMeteoraDlmm } from '../src/differential/kinds/meteora-dlmm.ts';
import { Machine } from '../src/differential/machine.ts';
import { type RecordedCase, replayRecorded } from '../src/differential/recorded-cases.ts';
import { readCommittedProgram } from '../src/programs.ts';

/**
 * A pool at bin -1910 with steps of 10 bps, base factor 10,000, variable fee control 40,000, filter period 30 s, decay period
 * 600 s and reduction factor 5,000: recorded on mainnet's binary, as `npm run differential -- --record` writes it. The first
 * swap crosses ten bins; then 1 USDC is swapped every 20 s.
 */
const [recorded] = JSON.parse(
  readFileSync(new URL('vectors/meteora-dlmm-volatility.json', import.meta.url), 'utf8'),
) as [RecordedCase];
const SERIES = [6_737_201n, 6_739_225n, 6_739_731n, 6_739_853n];
const USDC = 1_000_000n;

const [raise, ...steady] = recorded.steps;
const addressOf = (name: string) => recorded.accounts[name]!.address;
let machine: Machine;

beforeEach(() => {
  machine = new Machine(drawnMeteoraDlmm.program, readCommittedProgram('meteora-dlmm'));
  expect(replayRecorded(drawnMeteoraDlmm, machine, { ...recorded, steps: [raise!] })).toEqual([]);
});

const received = () => decodeTokenAccount(machine.data(addressOf('userX'))).amount;

describe('a series of small swaps after one that raised the volatility', () => {
  test('gives more each time, as the volatility decays: the program', () => {
    const totals = steady.map((_, index) => {
      const steps = recorded.steps.slice(0, index + 2);
      expect(replayRecorded(drawnMeteoraDlmm, machine, { ...recorded, steps })).toEqual([]);
      return received();
    });
    const first = 10_015_209_134n;
    expect(totals.map((total, index) => total - (totals[index - 1] ?? first))).toEqual(SERIES);
  });

  test('gives more each time, as the volatility decays: the quote, asked at the time of each swap', () => {
    const outs = steady.map((step, index) => {
      const steps = recorded.steps.slice(0, index + 1);
      replayRecorded(drawnMeteoraDlmm, machine, { ...recorded, steps });
      const [slot, , unixTimestamp] = step.clock.map(BigInt) as [bigint, bigint, bigint];
      return quoteSmall({ slot, unixTimestamp });
    });
    expect(outs).toEqual(SERIES);
  });

  test('does not decay within the filter period, and is gone after the decay period', () => {
    const [slot, , now] = raise!.clock.map(BigInt) as [bigint, bigint, bigint];
    const after = (seconds: bigint) => quoteSmall({ slot, unixTimestamp: now + seconds });
    expect(after(29n)).toBe(after(0n));
    expect(after(0n)).toBe(SERIES[0]);
    expect(after(30n)).toBe(SERIES[1]);
    expect(after(599n)).toBe(SERIES[1]);
    expect(after(600n)).toBeGreaterThan(SERIES[3]!);
  });
});

/** Out for 1 USDC, lamports. */
function quoteSmall(clock: { slot: bigint; unixTimestamp: bigint }): bigint {
  const arrays = Object.entries(recorded.accounts).filter(([name]) => name.startsWith('array '));
  const pool = toMeteoraDlmmPool({
    pool: decodeMeteoraDlmmPool(machine.data(addressOf('pool'))),
    binArrays: arrays.map(([, { address }]) => decodeMeteoraDlmmBinArray(machine.data(address))),
  });
  return quoteExactIn(pool, { inputIndex: 1, amountIn: USDC, clock, transferFees: [null, null] }).amountOut;
}
