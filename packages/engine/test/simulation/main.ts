import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { runSeed } from './run-seed.ts';

/** What one thread is asked: seeds in blocks, so that the threads stay level. */
interface Share {
  readonly from: number;
  readonly seeds: number;
  readonly threads: number;
  readonly thread: number;
}

interface Finding {
  readonly seed: number;
  readonly invariant: string;
  readonly message: string;
}

interface ShareResult {
  readonly ran: number;
  readonly counts: ReadonlyMap<string, number>;
  /** The first of the thread's seeds that broke an invariant; it stops there. */
  readonly finding: Finding | null;
}

if (isMainThread) await main();
else parentPort!.postMessage(await runShare(workerData as Share));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '0' },
      replay: { type: 'string' },
    },
  });
  if (values.replay !== undefined) return replay(readSeed('replay', values.replay));
  const from = readSeed('from', values.from);
  const seeds = readSeed('seeds', values.seeds);
  if (seeds === 0 || from + seeds - 1 >= 2 ** 53)
    fail('--seeds is at least 1, and the last seed is below 2^53');

  const startedAtMs = performance.now();
  const threads = Math.min(availableParallelism(), seeds);
  const results = await Promise.all(
    Array.from({ length: threads }, (_, thread) => runThread({ from, seeds, threads, thread })),
  );
  const seconds = (performance.now() - startedAtMs) / 1_000;
  report(results, seconds);
  const findings = results.flatMap(({ finding }) => (finding ? [finding] : []));
  const first = findings.sort((a, b) => a.seed - b.seed)[0];
  if (!first) return;
  console.log(`\nseed ${first.seed} breaks ${first.invariant}: ${first.message}`);
  await replay(first.seed);
}

function runThread(share: Share): Promise<ShareResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function runShare({ from, seeds, threads, thread }: Share): Promise<ShareResult> {
  const counts = new Map<string, number>();
  let ran = 0;
  for (let index = thread; index < seeds; index += threads) {
    const { seed, violation, counts: ofSeed } = await runSeed(from + index);
    ran += 1;
    for (const [what, count] of ofSeed) counts.set(what, (counts.get(what) ?? 0) + count);
    if (violation) {
      const { invariant, message } = violation;
      return { ran, counts, finding: { seed, invariant, message } };
    }
  }
  return { ran, counts, finding: null };
}

function report(results: readonly ShareResult[], seconds: number): void {
  const counts = new Map<string, number>();
  let ran = 0;
  let broken = 0;
  for (const result of results) {
    ran += result.ran;
    broken += Number(result.finding !== null);
    for (const [what, count] of result.counts) counts.set(what, (counts.get(what) ?? 0) + count);
  }
  console.log(
    `${ran} seeds, ${broken} violations, ${seconds.toFixed(1)} s, ${Math.round(ran / seconds)} seeds/s on ${results.length} threads`,
  );
  console.log(
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, count]) => `${what} ${count}`)
      .join(', '),
  );
}

/** Prints everything that happened in one seed. */
async function replay(seed: number): Promise<void> {
  const { timeline, violation } = await runSeed(seed, { keepTimeline: true });
  console.log(timeline.join('\n'));
  if (!violation) return console.log(`seed ${seed} breaks no invariant`);
  console.log(`\nReplay it with: npm run sim -- --replay ${seed}`);
  process.exitCode = 1;
}

function readSeed(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  return fail(`--${option} ${text} is not a whole number from 0 to 2^53 - 1`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
