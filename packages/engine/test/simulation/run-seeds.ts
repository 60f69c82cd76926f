import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FaultName } from './faults.ts';
import { type Finding, NOTHING_FOUND, type Share, type ShareResult } from './seed-thread.ts';

export interface SeedsResult {
  readonly ran: number;
  readonly seconds: number;
  readonly threads: number;
  readonly counts: ReadonlyMap<string, number>;
  /** The lowest seed that broke something; seeds behind it were not all run. */
  readonly finding: Finding | null;
}

export interface SeedRange {
  readonly from: number;
  readonly seeds: number;
  /** Faults that no seed has. */
  readonly without: readonly FaultName[];
}

/**
 * Runs seeds on all cores until one breaks something.
 *
 * @param thread The compiled `seed-thread.js` to run: of the sources as they are, or of a mutant.
 */
export async function runSeeds(thread: URL, range: SeedRange): Promise<SeedsResult> {
  const startedAtMs = performance.now();
  const threads = Math.min(availableParallelism(), range.seeds);
  const firstFinding = new SharedArrayBuffer(8);
  new Float64Array(firstFinding)[0] = NOTHING_FOUND;
  const results = await Promise.all(
    Array.from({ length: threads }, (_, index) =>
      runThread(thread, { ...range, threads, thread: index, firstFinding }),
    ),
  );
  const counts = new Map<string, number>();
  for (const result of results)
    for (const [what, count] of result.counts) counts.set(what, (counts.get(what) ?? 0) + count);
  const findings = results.flatMap(({ finding }) => (finding ? [finding] : []));
  return {
    ran: results.reduce((sum, { ran }) => sum + ran, 0),
    seconds: (performance.now() - startedAtMs) / 1_000,
    threads,
    counts,
    finding: findings.sort((a, b) => a.seed - b.seed)[0] ?? null,
  };
}

function runThread(thread: URL, share: Share): Promise<ShareResult> {
  return new Promise((resolve, reject) => {
    // A larger young generation: nearly everything that a seed makes is garbage when it ends.
    const worker = new Worker(thread, {
      workerData: share,
      resourceLimits: { maxYoungGenerationSizeMb: 128 },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
