import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileProgram } from './compile-program.ts';
import { linkProgram } from './link-program.ts';

/** The programs of the devnet: one C source each, one committed ELF each. */
export const PROGRAM_NAMES = ['raydium-cpmm'] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

// The same depth below the package in src/ and in dist/.
const sourceDirectory = fileURLToPath(new URL('../../programs/', import.meta.url));
const binaryDirectory = join(sourceDirectory, 'bin');

export function buildProgram(name: ProgramName): Buffer {
  return linkProgram(compileProgram(sourceDirectory, `${name}.c`));
}

/** @returns The committed ELF. */
export function readCommittedProgram(name: ProgramName): Buffer {
  return readFileSync(join(binaryDirectory, `${name}.so`));
}

/** @returns A sentence per program whose committed ELF is not what its source gives; empty when all are. */
export function findStalePrograms(): string[] {
  return PROGRAM_NAMES.flatMap((name) => {
    const [built, committed] = [sha256(buildProgram(name)), sha256(readCommittedProgram(name))];
    if (built === committed) return [];
    return [`${name}: the source gives ${built}, programs/bin/${name}.so is ${committed}`];
  });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function writePrograms(): void {
  mkdirSync(binaryDirectory, { recursive: true });
  for (const name of PROGRAM_NAMES) {
    const program = buildProgram(name);
    writeFileSync(join(binaryDirectory, `${name}.so`), program);
    console.log(`${name}.so ${program.length} bytes sha256 ${sha256(program)}`);
  }
}

function main(): void {
  if (!process.argv.includes('--check')) return writePrograms();
  const stale = findStalePrograms();
  for (const sentence of stale) console.error(sentence);
  if (stale.length > 0) process.exitCode = 1;
  else console.log('the committed programs are what their sources give');
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
