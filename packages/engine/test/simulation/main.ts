import { parseArgs } from 'node:util';
import { type FaultName, isFaultName } from './faults.ts';
import { huntMutants } from './hunt-mutants.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { runSeed } from './run-seed.ts';
import { runSeeds, type SeedsResult } from './run-seeds.ts';

const THREAD = new URL('./seed-thread.js', import.meta.url);
const SEEDS_PER_MUTANT = '20000';

const USAGE = `Usage: npm run sim -- [options]
  --seeds N       how many seeds to run (1000; with --mutants or --mutant 20000)
  --from N        the first seed (0)
  --replay N      print everything that happens in this seed
  --mutants       plant every mistake of mutants.ts and look for the first seed that notices it
  --mutant NAME   plant only this mistake
  --without NAME  leave out this fault of faults.ts; may be repeated`;

/**
 * The command line of `npm run sim`.
 *
 * @param compileMutant Gives the folder of a copy of the compiled sources with that mistake in it.
 * @returns The exit code: 0 when everything is as it should be, 1 when not, 2 when the command line makes no sense.
 */
export async function main(
  args: readonly string[],
  compileMutant: (mutant: Mutant) => Promise<URL>,
): Promise<number> {
  const values = readOptions(args);
  if (values === null) return 2;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const mutants = values.mutant ? MUTANTS.filter(({ name }) => name === values.mutant) : MUTANTS;
  const from = readSeed(values.from);
  const seeds = readSeed(values.seeds ?? (values.mutants || values.mutant ? SEEDS_PER_MUTANT : '1000'));
  const without = values.without.filter(isFaultName);
  const replayed = values.replay === undefined ? 0 : readSeed(values.replay);
  if (
    !(seeds > 0) ||
    ![from, from + seeds - 1, replayed].every(Number.isSafeInteger) ||
    mutants.length === 0 ||
    without.length < values.without.length
  ) {
    console.error(
      'Seeds are whole numbers from 0 to 2^53 - 1, --seeds is at least 1, --mutant and --without are known names.',
    );
    return 2;
  }
  if (values.replay !== undefined) return replay(replayed, without);
  const range = { from, seeds, without };
  if (values.mutants || values.mutant)
    return (await huntMutants(mutants, compileMutant, range)) === 0 ? 0 : 1;
  const result = await runSeeds(THREAD, range);
  report(result);
  if (!result.finding) return 0;
  const { seed, broken, message } = result.finding;
  console.log(`\nseed ${seed} breaks ${broken}: ${message}\n`);
  await replay(seed, without);
  return 1;
}

/** The options, or null after one line on standard error that says which is wrong. */
function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        from: { type: 'string', default: '0' },
        replay: { type: 'string' },
        mutants: { type: 'boolean', default: false },
        mutant: { type: 'string' },
        without: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message} (npm run sim -- --help)`);
    return null;
  }
}

function report({ ran, finding, seconds, threads, counts }: SeedsResult): void {
  const speed = Math.round(ran / seconds);
  console.log(
    `${ran} seeds, ${finding ? 1 : 0} violations, ${seconds.toFixed(1)} s, ${speed} seeds/s on ${threads} threads`,
  );
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  console.log(sorted.map(([what, count]) => `${what} ${count}`).join(', '));
}

/** Prints everything that happens in one seed. */
async function replay(seed: number, without: readonly FaultName[]): Promise<number> {
  const { timeline, violation } = await runSeed(seed, { keepTimeline: true, without });
  console.log(timeline.join('\n'));
  if (violation) console.log(`\nReplay it with: npm run sim -- --replay ${seed}`);
  else console.log(`\nseed ${seed} breaks no invariant`);
  return violation ? 1 : 0;
}

const readSeed = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);
