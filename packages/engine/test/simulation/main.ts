import { parseArgs } from 'node:util';
import { MUTANTS, type Mutant } from './mutants.ts';
import { runSeed } from './run-seed.ts';
import { runSeeds, type SeedsResult } from './run-seeds.ts';

const THREAD = new URL('./seed-thread.js', import.meta.url);
const SEEDS_PER_MUTANT = '20000';

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
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '0' },
      replay: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      mutant: { type: 'string' },
    },
  });
  const mutants = values.mutant ? MUTANTS.filter(({ name }) => name === values.mutant) : MUTANTS;
  const from = readSeed(values.from);
  const seeds = readSeed(values.seeds ?? (values.mutants || values.mutant ? SEEDS_PER_MUTANT : '1000'));
  const replayed = values.replay === undefined ? 0 : readSeed(values.replay);
  if (
    !(seeds > 0) ||
    ![from, from + seeds - 1, replayed].every(Number.isSafeInteger) ||
    mutants.length === 0
  ) {
    console.error(
      'Seeds are whole numbers from 0 to 2^53 - 1, --seeds is at least 1, --mutant is a known name.',
    );
    return 2;
  }
  if (values.replay !== undefined) return replay(replayed);
  if (values.mutants || values.mutant) return hunt(mutants, compileMutant, { from, seeds });
  const result = await runSeeds(THREAD, from, seeds);
  report(result);
  if (!result.finding) return 0;
  const { seed, broken, message } = result.finding;
  console.log(`\nseed ${seed} breaks ${broken}: ${message}\n`);
  await replay(seed);
  return 1;
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
async function replay(seed: number): Promise<number> {
  const { timeline, violation } = await runSeed(seed, { keepTimeline: true });
  console.log(timeline.join('\n'));
  if (violation) console.log(`\nReplay it with: npm run sim -- --replay ${seed}`);
  else console.log(`\nseed ${seed} breaks no invariant`);
  return violation ? 1 : 0;
}

/** Looks for a seed that notices each mutant, and prints the table of docs/simulation.md. */
async function hunt(
  mutants: readonly Mutant[],
  compileMutant: (mutant: Mutant) => Promise<URL>,
  { from, seeds }: { readonly from: number; readonly seeds: number },
): Promise<number> {
  let escaped = 0;
  console.log('| mistake | what its author thinks | noticed after | by |\n|---|---|---|---|');
  for (const mutant of mutants) {
    const { finding } = await runSeeds(
      new URL('test/simulation/seed-thread.js', await compileMutant(mutant)),
      from,
      seeds,
    );
    if (!finding) escaped += 1;
    const [after, by] = finding
      ? [`${(finding.seed - from + 1).toLocaleString('en')} seeds`, finding.broken]
      : [`not in ${seeds.toLocaleString('en')}`, '-'];
    console.log(`| \`${mutant.name}\` | ${mutant.why} | ${after} | ${by} |`);
  }
  console.log(`\n${mutants.length - escaped} of ${mutants.length} mutants noticed`);
  return escaped > 0 ? 1 : 0;
}

const readSeed = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);
