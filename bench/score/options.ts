import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run -s score -- FILE.jsonl.gz [--max-legs K] [--exact-out] [--merge N]
       npm run -s score -- --seeds 401-408 [--max-legs K] [--exact-out] [--nodes N] [--seconds S]`;

const MOST_SEEDS = 100;

export interface SeedOptions {
  readonly seeds: readonly number[];
  /** Nodes of branch and bound that the reference may visit for each market. */
  readonly maxNodes: number;
  /** Time for all references together. */
  readonly maxSeconds: number;
}

export interface FileOptions {
  readonly path: string;
  /** Markets are joined until they have so many pools. */
  readonly poolCount: number | undefined;
}

export interface ScoreOptions {
  readonly source: FileOptions | SeedOptions;
  readonly maxLegs: number | undefined;
  readonly isExactOut: boolean;
}

/** An option is missing, unknown, out of its range, or excluded by another one; the message says which. */
export class InvalidOption extends Error {}

/**
 * @returns null where help is asked for.
 * @throws {InvalidOption}
 */
export function readOptions(args: readonly string[]): ScoreOptions | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const { seeds, merge, nodes, seconds } = values;
  const common = {
    maxLegs: countOf('--max-legs', values['max-legs'], 1_000),
    isExactOut: values['exact-out'],
  };
  if (seeds === undefined) {
    if (nodes !== undefined || seconds !== undefined)
      throw new InvalidOption('--nodes and --seconds need --seeds');
    const [path] = positionals;
    if (path === undefined || positionals.length > 1) throw new InvalidOption('Name one file, or --seeds');
    return { ...common, source: { path, poolCount: countOf('--merge', merge, 100_000) } };
  }
  if (positionals.length > 0) throw new InvalidOption('--seeds replaces the file; name only one of them');
  if (merge !== undefined) throw new InvalidOption('--merge joins markets of a file, not of --seeds');
  const maxNodes = countOf('--nodes', nodes, 10_000) ?? 300;
  const maxSeconds = countOf('--seconds', seconds, 3_600) ?? 120;
  return { ...common, source: { seeds: seedsOf(seeds), maxNodes, maxSeconds } };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'max-legs': { type: 'string' },
        'exact-out': { type: 'boolean', default: false },
        merge: { type: 'string' },
        seeds: { type: 'string' },
        nodes: { type: 'string' },
        seconds: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new InvalidOption((error as Error).message, { cause: error });
  }
}

function countOf(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > most)
    throw new InvalidOption(`${name} takes a whole number from 1 to ${most}, not '${text}'`);
  return count;
}

/** One seed, or the first and the last of a range. */
function seedsOf(text: string): number[] {
  const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  const count = Number(last) - Number(first) + 1;
  if (!(count >= 1 && count <= MOST_SEEDS))
    throw new InvalidOption(
      `--seeds takes a seed or a rising range of at most ${MOST_SEEDS}, such as 401-408, not '${text}'`,
    );
  return Array.from({ length: count }, (_, index) => Number(first) + index);
}
