import type { Mutant } from './mutant.ts';
import { runSeeds, type SeedRange } from './run-seeds.ts';

/** Without the faults that show a mistake, so many times the seeds are run that noticed it: that they all miss it is no luck. */
const TIMES_WITHOUT = 5;
const MOST_WITHOUT = 20_000;

/**
 * Looks for the first seed that notices each mutant, then for one that notices it without the faults that alone show it: there
 * must be none. Prints the table of docs/simulation.md.
 *
 * @param compileMutant Gives the folder of a copy of the compiled sources with that mistake in it.
 * @returns How many mutants escaped, or were noticed by other faults than they say.
 */
export async function huntMutants(
  mutants: readonly Mutant[],
  compileMutant: (mutant: Mutant) => Promise<URL>,
  range: SeedRange,
): Promise<number> {
  let escaped = 0;
  let misjudged = 0;
  console.log(
    '| mistake | what its author thinks | noticed after | by | shown only by |\n|---|---|---|---|---|',
  );
  for (const mutant of mutants) {
    const thread = new URL('test/simulation/seed-thread.js', await compileMutant(mutant));
    const { finding } = await runSeeds(thread, range);
    const after = finding ? finding.seed - range.from + 1 : range.seeds;
    const shown = finding ? await showing(mutant, thread, { ...range, seeds: after }) : NOT_SAID;
    if (!finding) escaped += 1;
    if (!shown.isAsSaid) misjudged += 1;
    const [noticed, by] = finding ? [seedsOf(after), finding.broken] : [`not in ${count(after)}`, '-'];
    console.log(`| \`${mutant.name}\` | ${mutant.why} | ${noticed} | ${by} | ${shown.text} |`);
  }
  console.log(`\n${mutants.length - escaped} of ${mutants.length} mutants noticed`);
  if (misjudged > 0) console.log(`${misjudged} of them are shown by other faults too`);
  return escaped + misjudged;
}

interface Showing {
  readonly text: string;
  /** Nothing but the faults that the mutant names shows it, where it names some. */
  readonly isAsSaid: boolean;
}

const NOT_SAID: Showing = { text: '-', isAsSaid: true };

async function showing({ shownBy }: Mutant, thread: URL, noticed: SeedRange): Promise<Showing> {
  if (!shownBy) return NOT_SAID;
  const without = [...noticed.without, ...shownBy];
  const seeds = Math.min(noticed.seeds * TIMES_WITHOUT, MOST_WITHOUT);
  const { finding } = await runSeeds(thread, { ...noticed, seeds, without });
  const names = shownBy.map((name) => `\`${name}\``).join(', ');
  const found = finding && seedsOf(finding.seed - noticed.from + 1);
  return {
    text: `${names}; without ${found ? `after ${found}` : `not in ${count(seeds)}`}`,
    isAsSaid: found === null,
  };
}

const count = (seeds: number): string => seeds.toLocaleString('en');
const seedsOf = (seeds: number): string => `${count(seeds)} ${seeds === 1 ? 'seed' : 'seeds'}`;
