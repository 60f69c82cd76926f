import { readCommittedProgram } from '../programs.ts';
import { describeError } from './compare-step.ts';
import type { DrawnKind } from './drawn-kind.ts';
import { Machine, type Machines } from './machine.ts';
import { type CaseResult, replayCase, runSeededCase, type StepObserver } from './run-case.ts';
import { disagreementOf, shrink } from './shrink.ts';

export interface DifferentialResult {
  readonly kind: string;
  /** Swaps that ran on both programs; `landed` of them succeeded, `judged` were compared with a quote. */
  readonly swaps: number;
  readonly landed: number;
  readonly judged: number;
  /** Cases that are unequal. */
  readonly unequal: number;
  /** Descriptions of the smallest case of each difference. */
  readonly smallest: readonly string[];
  /** Pairs of different codes with which both programs failed: how often each occurred, with its first swap. */
  readonly codes: ReadonlyMap<string, { count: number; label: string }>;
}

/** Runs random cases of one kind until `swaps` swaps are done. */
export async function runDifferential(options: {
  kind: DrawnKind;
  /** The binary that a user dumped. */
  realProgram: Uint8Array;
  /** The devnet's binary unless a test gives another one. */
  ownProgram?: Uint8Array;
  swaps: number;
  seed: string;
  /** Number of unequal cases to shrink; further ones are only counted. */
  smallestCases?: number;
  observe?: (result: CaseResult) => void;
  observeStep?: StepObserver;
}): Promise<DifferentialResult> {
  const { kind, swaps, seed, smallestCases = 4 } = options;
  const machines: Machines = {
    real: new Machine(kind.program, options.realProgram),
    own: new Machine(kind.program, options.ownProgram ?? readCommittedProgram(kind.ownProgram)),
  };
  const total = { swaps: 0, landed: 0, judged: 0, unequal: 0 };
  const smallest: string[] = [];
  const seen = new Set<string>();
  const codes = new Map<string, { count: number; label: string }>();
  for (let index = 0; total.swaps < swaps; index += 1) {
    const result = await runSeededCase(kind, machines, { text: seed, index }, options.observeStep);
    for (const step of result.steps) {
      total.swaps += 1;
      if (step.moved !== null) total.landed += 1;
      if (step.spoiled === null && step.swap.expected !== null) total.judged += 1;
      countCodes(codes, step);
    }
    const about = disagreementOf(result);
    if (about !== '') {
      total.unequal += 1;
      if (smallest.length < smallestCases || !seen.has(about)) {
        seen.add(about);
        const small = await shrink(result, (draws) => replayCase(kind, machines, draws));
        smallest.push(describeCase(index, small));
      }
    }
    options.observe?.(result);
  }
  return { kind: kind.name, ...total, smallest, codes };
}

function countCodes(
  codes: Map<string, { count: number; label: string }>,
  step: CaseResult['steps'][number],
): void {
  const { real, own, swap, spoiled } = step;
  if (real.error === null || own.error === null || real.error === own.error) return;
  const pair = `real ${real.error}, own ${own.error}`;
  const entry = codes.get(pair) ?? { count: 0, label: `${swap.label}${spoiled ? `, ${spoiled.label}` : ''}` };
  entry.count += 1;
  codes.set(pair, entry);
}

function describeCase(index: number, { draws, accounts, steps }: CaseResult): string {
  const lines = [`case ${index}, made smaller: ${JSON.stringify(draws)}`];
  for (const step of steps) {
    const { swap, spoiled, clock } = step;
    lines.push(`  at ${clock.unixTimestamp}: ${swap.label}${spoiled ? `, ${spoiled.label}` : ''}`);
    lines.push(`    real ${describeError(step.real)}, own ${describeError(step.own)}`);
    for (const { about, text } of step.differences) lines.push(`    ${about}: ${text}`);
  }
  const last = steps.at(-1)!;
  for (const [side, { error, logs }] of Object.entries({ real: last.real, own: last.own }))
    if (error !== null) lines.push(`    ${side}: ${logs.slice(-3).join(' | ')}`);
  for (const [name, { address, data }] of Object.entries(accounts))
    lines.push(`  ${name} ${address}: ${sparseHex(data)}`);
  return lines.join('\n');
}

/** The bytes that are not zero, as OFFSET:HEX; eight zeros end a run. */
function sparseHex(data: Uint8Array): string {
  const runs: string[] = [];
  for (let start = 0; start < data.length; start += 1) {
    if (data[start] === 0) continue;
    let end = start + 1;
    for (let index = end; index < data.length && index - end < 8; index += 1)
      if (data[index] !== 0) end = index + 1;
    runs.push(`${start}:${Buffer.from(data.subarray(start, end)).toString('hex')}`);
    start = end;
  }
  return `${data.length} bytes ${runs.join(' ')}`;
}
