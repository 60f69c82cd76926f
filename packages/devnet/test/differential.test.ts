import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runDifferential } from '../src/differential/differential.ts';
import type { ChainClock, DrawnKind, DrawnSwap } from '../src/differential/drawn-kind.ts';
import { Draws } from '../src/differential/draws.ts';
import { drawnRaydiumClmm } from '../src/differential/kinds/raydium-clmm.ts';
import { drawnRaydiumCpmm } from '../src/differential/kinds/raydium-cpmm.ts';
import { Machine, WALLET } from '../src/differential/machine.ts';
import { type CaseResult, replayCase } from '../src/differential/run-case.ts';
import { readCommittedProgram } from '../src/programs.ts';

const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
const cpmm = readCommittedProgram('raydium-cpmm');

/** The kind with its swaps changed. */
function changed(change: (swap: DrawnSwap) => DrawnSwap): DrawnKind {
  return {
    ...drawnRaydiumCpmm,
    drawPool: async (draws, context) => {
      const pool = await drawnRaydiumCpmm.drawPool(draws, context);
      return { ...pool, drawSwap: (swapDraws, state) => change(pool.drawSwap(swapDraws, state)) };
    },
  };
}

/** The first drawn swap that lands and moves a token of Token-2022. */
async function swapOfToken2022(machine: Machine, clock: ChainClock) {
  for (let index = 0; index < 200; index += 1) {
    const drawn = await drawnRaydiumCpmm.drawPool(Draws.seeded('token-2022', 'pool', index), {
      clock,
      wallet: WALLET.address,
    });
    const accounts = Object.values(drawn.accounts);
    machine.place(accounts);
    machine.setClock(clock);
    const read = (address: string) => machine.data(address);
    const { instruction } = drawn.drawSwap(Draws.seeded('token-2022', 'swap', index), { read, clock });
    const names = instruction.accounts.some(({ address }) => address === TOKEN_2022);
    if (names && machine.run(instruction).error === null) return { accounts, instruction };
  }
  throw new Error('no swap of Token-2022 landed');
}

describe('the differential run', () => {
  test('calls a program equal to itself', async () => {
    const kind = changed((swap) => ({ ...swap, expected: null }));
    const result = await runDifferential({ kind, realProgram: cpmm, swaps: 100, seed: 'same' });
    expect(result).toMatchObject({ unequal: 0, smallest: [], judged: 0 });
    expect(result.swaps).toBeGreaterThanOrEqual(100);
    expect(result.landed).toBeGreaterThan(10);
    expect(result.codes.size).toBe(0);
  }, 120_000);

  test('finds a program that fails where the other one succeeds', async () => {
    const realProgram = readCommittedProgram('meteora-damm-v2');
    const result = await runDifferential({
      kind: drawnRaydiumCpmm,
      realProgram,
      swaps: 20,
      seed: 'other',
      smallestCases: 1,
    });
    expect(result.unequal).toBeGreaterThan(0);
    expect(result.smallest[0]).toContain('real fails with 101, own succeeds');
  }, 120_000);

  test('finds a program that logs an exceeded limit in other words', async () => {
    const at = cpmm.indexOf('Exceeds desired slippage limit');
    const realProgram = Buffer.from(cpmm);
    realProgram.write('Exceeds another', at);
    const result = await runDifferential({
      kind: changed((swap) => ({ ...swap, expected: null })),
      realProgram,
      swaps: 60,
      seed: 'logs',
      smallestCases: 1,
    });
    expect(at).toBeGreaterThan(0);
    expect(result.unequal).toBeGreaterThan(0);
    expect(result.smallest[0]).toMatch(/logs: real \[.*Exceeds another.*\], own \[.*Exceeds desired.*\]/);
  }, 120_000);

  test('finds a quote that is one unit off, and makes the case small', async () => {
    const kind = changed((swap) => {
      const { expected } = swap;
      if (expected === null || expected === 'refused' || expected.amountIn < 1_000n) return swap;
      return { ...swap, expected: { ...expected, amountOut: expected.amountOut + 1n } };
    });
    const result = await runDifferential({
      kind,
      realProgram: cpmm,
      swaps: 30,
      seed: 'quote',
      smallestCases: 1,
    });
    const found = result.smallest.find((text) => text.includes('quote: real 1') && text.includes('in,'))!;
    const [, amountIn] = /quote: real (\d+) in/.exec(found)!;
    expect(Number(amountIn)).toBeLessThan(2_000);
  }, 120_000);

  test('draws the same cases from the same seed', async () => {
    const casesOf = async (seed: string) => {
      const cases: CaseResult['draws'][] = [];
      const observe = ({ draws }: CaseResult) => cases.push(draws);
      await runDifferential({ kind: drawnRaydiumCpmm, realProgram: cpmm, swaps: 10, seed, observe });
      return JSON.stringify(cases);
    };
    const first = await casesOf('one');
    expect(await casesOf('one')).toBe(first);
    expect(await casesOf('two')).not.toBe(first);
  }, 120_000);

  test('begins each case with deployed programs, whichever accounts an earlier case could write', async () => {
    const machine = new Machine(drawnRaydiumCpmm.program, cpmm);
    const clock: ChainClock = { slot: 400_000_000n, epoch: 925n, unixTimestamp: 1_790_000_000n };
    const { accounts, instruction } = await swapOfToken2022(machine, clock);
    machine.place(accounts);
    machine.setClock({ ...clock, slot: clock.slot + 1n });
    const isToken2022 = (address: string) => address === TOKEN_2022;
    const writable = instruction.accounts.map((meta) =>
      isToken2022(meta.address) ? { ...meta, isWritable: true } : meta,
    );
    expect(machine.run({ ...instruction, accounts: writable }).error).toBeNull();
    machine.place(accounts);
    machine.setClock(clock);
    expect(machine.run(instruction).error).toBeNull();
  }, 120_000);

  test('promises nothing of a CLMM swap that takes more than the vault holds', async () => {
    const program = readCommittedProgram('raydium-clmm');
    const machine = () => new Machine(drawnRaydiumClmm.program, program);
    const draws = {
      pool: [0, 0, 0, 0, 0, 7, 220, 0, 0, 10, 0, 2, 0, 3, 0, 52],
      swaps: [[0, 0, 0, 3, 0, 17, 2_467_069_952]],
    };
    const { steps } = await replayCase(drawnRaydiumClmm, { real: machine(), own: machine() }, draws);
    expect(steps[0]!.real.logs.join()).toContain('insufficient funds');
    expect(steps[0]).toMatchObject({ swap: { expected: null }, differences: [] });
  }, 120_000);

  test('makes the directory of its recordings before it runs', () => {
    const directory = mkdtempSync(join(tmpdir(), 'differential-'));
    const recordings = join(directory, 'a', 'b');
    writeFileSync(join(directory, `${drawnRaydiumCpmm.program}.so`), cpmm);
    const main = fileURLToPath(new URL('../dist/differential/main.js', import.meta.url));
    const flags = ['--programs', directory, '--kind', 'raydium-cpmm', '--swaps', '1', '--record', recordings];
    const { status, stdout } = spawnSync(process.execPath, [main, ...flags], { encoding: 'utf8' });
    expect(stdout).toContain('raydium-cpmm: ');
    expect(status).toBe(0);
    expect(readdirSync(recordings)).toEqual(['raydium-cpmm.json']);
    rmSync(directory, { recursive: true });
  }, 120_000);
});
