import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROGRAM_DIRECTORY, PROGRAM_NAMES, type ProgramName, readCommittedProgram } from '../programs.ts';
import { compileProgram } from './compile-program.ts';
import { linkProgram } from './link-program.ts';

export function buildProgram(name: ProgramName): Buffer {
  return linkProgram(compileProgram(PROGRAM_DIRECTORY, `${name}.c`));
}

/** @returns A sentence per program whose committed ELF differs from its compiled source; empty if none does. */
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
  const binaryDirectory = join(PROGRAM_DIRECTORY, 'bin');
  mkdirSync(binaryDirectory, { recursive: true });
  for (const name of PROGRAM_NAMES) {
    const program = buildProgram(name);
    writeFileSync(join(binaryDirectory, `${name}.so`), program);
    console.log(`${name}.so ${program.length} bytes sha256 ${sha256(program)}`);
  }
}

function checkPrograms(): void {
  const stale = findStalePrograms();
  for (const sentence of stale) console.error(sentence);
  if (stale.length > 0) process.exitCode = 1;
  else console.log('the committed programs are what their sources give');
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) checkPrograms();
  else writePrograms();
}
