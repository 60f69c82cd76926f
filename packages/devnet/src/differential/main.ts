import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type DifferentialResult, runDifferential } from './differential.ts';
import type { DrawnKind } from './drawn-kind.ts';
import { DRAWN_KINDS } from './kinds.ts';
import { createRecorder } from './recorded-cases.ts';

const HELP = `Runs random pools and swaps on programs of mainnet, on the devnet's own programs and on the quotes.

Usage: npm run differential -- --programs DIR [options]

  --programs DIR  binaries as "solana program dump ADDRESS ADDRESS.so" writes them
  --swaps N       swaps per kind, 1 to 1000000 (5000)
  --seed TEXT     decides pools and swaps (differential)
  --kind NAME     only this kind: ${DRAWN_KINDS.map(({ name }) => name).join(', ')}
  --record DIR    writes what the programs of mainnet did to DIR/NAME.json, one case a line; DIR is made
  --help          show this

Exits 1 when an amount, a success, an account or an event is unequal. See docs/devnet.md.
`;

interface CommandLine {
  readonly programs: string;
  readonly swaps: number;
  readonly seed: string;
  readonly kinds: readonly DrawnKind[];
  readonly record?: string;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let commandLine: CommandLine | 'help';
  try {
    commandLine = parseCommandLine(args);
    if (commandLine !== 'help' && commandLine.record) mkdirSync(commandLine.record, { recursive: true });
  } catch (error) {
    console.error(`differential: ${(error as Error).message}`);
    return 2;
  }
  if (commandLine === 'help') {
    console.log(HELP);
    return 0;
  }
  return run(commandLine);
}

async function run({ programs, swaps, seed, kinds, record }: CommandLine): Promise<number> {
  let ran = 0;
  let unequal = 0;
  for (const kind of kinds) {
    const path = join(programs, `${kind.program}.so`);
    if (!existsSync(path)) {
      console.log(`${kind.name}: not run, ${path} is not there`);
      continue;
    }
    ran += 1;
    const { cases, observe } = createRecorder(kind);
    const result = await runDifferential({
      kind,
      realProgram: readFileSync(path),
      swaps,
      seed,
      ...(record !== undefined && { observeStep: observe }),
    });
    unequal += result.unequal;
    if (record !== undefined) {
      const lines = cases.map((recorded) => JSON.stringify(recorded)).join(',\n');
      writeFileSync(join(record, `${kind.name}.json`), `[\n${lines}\n]\n`);
    }
    console.log(describe(result));
  }
  if (ran === 0) {
    console.error('differential: no program was compared.');
    return 2;
  }
  return unequal > 0 ? 1 : 0;
}

function describe(result: DifferentialResult): string {
  const { kind, swaps, landed, judged, unequal, smallest, codes } = result;
  const counts = `${swaps} swaps, ${landed} landed, ${judged} compared with their quote`;
  const pairs = [...codes]
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([pair, { count, label }]) => `  both fail, ${pair}: ${count} times, first: ${label}`);
  return [`${kind}: ${counts}, ${unequal} unequal`, ...smallest, ...pairs].join('\n');
}

/** @throws {Error} One line that names the flag. */
function parseCommandLine(args: readonly string[]): CommandLine | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      programs: { type: 'string' },
      swaps: { type: 'string', default: '5000' },
      seed: { type: 'string', default: 'differential' },
      kind: { type: 'string' },
      record: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (!values.programs) throw new Error('--programs must name a directory of binaries, ADDRESS.so each.');
  const resolved = (path: string) => resolve(process.env.INIT_CWD ?? process.cwd(), path);
  const programs = resolved(values.programs);
  if (!existsSync(programs)) throw new Error(`--programs: ${programs} is not there.`);
  const swaps = /^\d{1,7}$/.test(values.swaps) ? Number(values.swaps) : 0;
  if (swaps < 1 || swaps > 1_000_000)
    throw new Error(`--swaps must be a whole number from 1 to 1000000, not "${values.swaps}".`);
  const kinds = DRAWN_KINDS.filter(({ name }) => values.kind === undefined || name === values.kind);
  if (kinds.length === 0)
    throw new Error(`--kind must be one of ${DRAWN_KINDS.map(({ name }) => name).join(', ')}.`);
  return {
    programs,
    swaps,
    seed: values.seed,
    kinds,
    ...(values.record && { record: resolved(values.record) }),
  };
}
