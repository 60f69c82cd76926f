import type { GenesisAccount } from '../genesis-account.ts';
import { compareStep, type Difference } from './compare-step.ts';
import type { ChainClock, DrawnKind, DrawnPool, DrawnSwap, Moved } from './drawn-kind.ts';
import { Draws } from './draws.ts';
import { type Machine, type Machines, type Outcome, WALLET } from './machine.ts';
import { type Spoiled, spoil } from './spoil.ts';

/** A case as numbers: the choices of its pool and of each swap on it. */
export interface CaseDraws {
  readonly pool: readonly number[];
  readonly swaps: readonly (readonly number[])[];
}

/** One swap of a case, and its results. */
export interface Step {
  readonly clock: ChainClock;
  readonly swap: DrawnSwap;
  readonly spoiled: Spoiled | null;
  readonly real: Outcome;
  readonly own: Outcome;
  /** Amounts that the wallet sent and received with the mainnet program; null if the swap failed. */
  readonly moved: Moved | null;
  readonly differences: readonly Difference[];
}

export interface CaseResult {
  readonly draws: CaseDraws;
  readonly accounts: Readonly<Record<string, GenesisAccount>>;
  readonly steps: readonly Step[];
}

/** Called right after each step, while the machines still have its state. */
export type StepObserver = (
  step: Step,
  machines: Machines,
  accounts: Readonly<Record<string, GenesisAccount>>,
) => void;

const START: ChainClock = { slot: 400_000_000n, epoch: 925n, unixTimestamp: 1_790_000_000n };
const MOST_SWAPS = 6;

/** Draws a case from the seed and runs it. */
export function runSeededCase(
  kind: DrawnKind,
  machines: Machines,
  seed: { text: string; index: number },
  observe?: StepObserver,
): Promise<CaseResult> {
  const stream = (label: string | number) => Draws.seeded(seed.text, kind.name, seed.index, label);
  const count = 1 + stream('count').below(MOST_SWAPS);
  const swaps = Array.from({ length: count }, (_, index) => stream(index));
  return runCase(kind, machines, { pool: stream('pool'), swaps }, observe);
}

/** Runs a case of an earlier run, or a smaller one. */
export function replayCase(
  kind: DrawnKind,
  machines: Machines,
  draws: CaseDraws,
  observe?: StepObserver,
): Promise<CaseResult> {
  const streams = {
    pool: Draws.replayed(draws.pool),
    swaps: draws.swaps.map((swap) => Draws.replayed(swap)),
  };
  return runCase(kind, machines, streams, observe);
}

async function runCase(
  kind: DrawnKind,
  machines: Machines,
  streams: { pool: Draws; swaps: readonly Draws[] },
  observe: StepObserver = () => {},
): Promise<CaseResult> {
  let clock = START;
  const pool = await kind.drawPool(streams.pool, { clock, wallet: WALLET.address });
  const { accounts } = pool;
  for (const machine of [machines.real, machines.own]) machine.place(Object.values(accounts));
  const steps: Step[] = [];
  for (const draws of streams.swaps) {
    clock = later(clock, draws);
    const step = runStep({ kind, machines, clock, pool, draws });
    steps.push(step);
    observe(step, machines, accounts);
    // After a spoiled account or an unequal step the accounts may be no valid pool any more.
    if (step.differences.length > 0 || step.spoiled?.account !== undefined) break;
  }
  const swaps = streams.swaps.slice(0, steps.length).map(({ taken }) => taken);
  return { draws: { pool: streams.pool.taken, swaps }, accounts, steps };
}

function later(clock: ChainClock, draws: Draws): ChainClock {
  const seconds = draws.pick([0n, 1n, 4n, 15n, 31n, 100n, 700n, 100_000n]);
  return {
    ...clock,
    slot: clock.slot + (seconds * 5n) / 2n,
    unixTimestamp: clock.unixTimestamp + seconds,
  };
}

function runStep(at: {
  kind: DrawnKind;
  machines: Machines;
  clock: ChainClock;
  pool: DrawnPool;
  draws: Draws;
}): Step {
  const { kind, machines, clock, pool, draws } = at;
  const { real, own } = machines;
  real.setClock(clock);
  own.setClock(clock);
  const swap = pool.drawSwap(draws, { read: (address) => real.data(address), clock });
  const spoiled = spoil(draws, swap.instruction, currentAccounts(pool, real), pool.isNewerField);
  if (spoiled?.account) for (const machine of [real, own]) machine.set(spoiled.account);

  const instruction = spoiled?.instruction ?? swap.instruction;
  const before = { in: real.tokenAmount(swap.userIn), out: real.tokenAmount(swap.userOut) };
  const outcomes = { real: real.run(instruction), own: own.run(instruction) };
  const moved =
    outcomes.real.error === null
      ? {
          amountIn: before.in - real.tokenAmount(swap.userIn),
          amountOut: real.tokenAmount(swap.userOut) - before.out,
        }
      : null;
  const expected = spoiled === null ? swap.expected : null;
  const differences = compareStep({ kind, ...outcomes, moved, expected, machines, accounts: pool.accounts });
  return { clock, swap, spoiled, ...outcomes, moved, differences };
}

function currentAccounts(pool: DrawnPool, machine: Machine): GenesisAccount[] {
  return Object.values(pool.accounts).flatMap(({ address }) => {
    const account = machine.account(address);
    return account === null ? [] : [{ address, ...account }];
  });
}
