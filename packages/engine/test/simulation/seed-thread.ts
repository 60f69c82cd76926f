import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { FaultName } from './faults.ts';
import { runSeed } from './run-seed.ts';

/** Every `threads`-th seed from `from` + `thread` on, so that the threads stay level. */
export interface Share {
  readonly from: number;
  readonly seeds: number;
  /** Faults that no seed has. */
  readonly without: readonly FaultName[];
  readonly threads: number;
  readonly thread: number;
  /** The lowest index at which any thread found something; later ones need not run. */
  readonly firstFinding: SharedArrayBuffer;
}

export interface Finding {
  readonly seed: number;
  /** An invariant, or `error` where the code threw an error that was not caught. */
  readonly broken: string;
  readonly message: string;
}

export interface ShareResult {
  readonly ran: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly finding: Finding | null;
}

export const NOTHING_FOUND = 2 ** 52;

// Simulated outages make errors by the thousand, and a replay has the stacks.
Error.stackTraceLimit = 0;

let unhandled: unknown;
process.on('unhandledRejection', (error) => {
  unhandled ??= error;
});
parentPort?.postMessage(await runShare(workerData as Share));

async function runShare(share: Share): Promise<ShareResult> {
  const { from, seeds, without, threads, thread, firstFinding } = share;
  const lowest = new Float64Array(firstFinding);
  const counts = new Map<string, number>();
  let ran = 0;
  for (let index = thread; index < seeds && index < lowest[0]!; index += threads) {
    const finding = await runOne(from + index, without, counts);
    ran += 1;
    if (!finding) continue;
    lowest[0] = Math.min(lowest[0]!, index);
    return { ran, counts, finding };
  }
  return { ran, counts, finding: null };
}

async function runOne(
  seed: number,
  without: readonly FaultName[],
  counts: Map<string, number>,
): Promise<Finding | null> {
  try {
    const { violation, counts: ofSeed } = await runSeed(seed, { without });
    for (const [what, count] of ofSeed) counts.set(what, (counts.get(what) ?? 0) + count);
    if (violation) return { seed, broken: violation.invariant, message: violation.message };
    await nextTurn(); // Node.js reports unhandled rejections at the end of a turn.
    if (unhandled === undefined) return null;
    throw unhandled;
  } catch (error) {
    return { seed, broken: 'error', message: String(error) };
  }
}
