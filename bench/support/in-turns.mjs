// Runs an engine and its yardsticks in turns on the same machine, so that their ratios mean something where their absolute
// figures do not.
import { cpus } from 'node:os';

/**
 * @param contestants Functions by name, `engine` among them: each starts what it measures, and resolves with its figures,
 *   `ordersPerSecond` among them. Every other round has the reverse order, so that a host that gets slower favors none.
 * @returns The figures of each contestant, one entry per run.
 */
export async function inTurns(runs, contestants) {
  const names = Object.keys(contestants);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let run = 0; run < runs; run += 1)
    for (const name of run % 2 === 0 ? names : names.toReversed())
      results[name].push(await contestants[name]());
  return results;
}

/**
 * Prints the results of a benchmark with yardsticks: medians, and the ratio of the engine's figure to each yardstick's,
 * run by run.
 *
 * @param options.of Which figure; the rate if absent.
 * @param options.more Facts that are printed too.
 */
export function printCompared(
  benchmark,
  results,
  { more, of = ({ ordersPerSecond }) => ordersPerSecond } = {},
) {
  const { engine, ...yardsticks } = results;
  const ratios = Object.entries(yardsticks).map(([name, runs]) => [
    name,
    spread(runs.map((figures, run) => round(of(engine[run]) / of(figures)))),
  ]);
  const medians = Object.entries(results).map(([name, runs]) => [name, spread(runs)]);
  const report = {
    benchmark,
    runs: engine.length,
    ...more,
    ...Object.fromEntries(medians),
    ratios: Object.fromEntries(ratios),
    cpus: cpus().length,
    node: process.version,
  };
  console.log(JSON.stringify(report, null, 2));
}

/** A single run unchanged; of several runs the median of each number with the lowest and the highest. */
function spread(runs) {
  const [first] = runs;
  if (runs.length === 1) return first;
  if (typeof first === 'number') {
    const sorted = runs.toSorted((a, b) => a - b);
    const middle = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
    if (sorted[0] === sorted.at(-1)) return middle;
    return { median: round(middle), lowest: sorted[0], highest: sorted.at(-1) };
  }
  if (typeof first !== 'object' || first === null) return first;
  return Object.fromEntries(Object.keys(first).map((key) => [key, spread(runs.map((run) => run[key]))]));
}

const round = (value) => Number(value.toPrecision(4));
