import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another major version compiles to other bytes, and the committed programs are compared by hash. */
const REQUIRED_COMPILER = 'clang-19';

const FLAGS = [
  '--target=bpf',
  '-mcpu=v2',
  '-std=c11',
  '-O2',
  '-ffreestanding',
  '-fno-builtin',
  '-fno-ident',
  '-fno-strict-aliasing',
  '-Wall',
  '-Wextra',
  '-Werror',
];

/** Whether the compiler that the committed programs were built with is on this machine. */
function isCompilerInstalled(): boolean {
  return spawnSync(REQUIRED_COMPILER, ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Compiles one C source to a relocatable BPF object.
 *
 * @param sourceDirectory The working directory of the compiler, so that no path of this machine reaches the object.
 * @throws {Error} With the compiler's own words when it refuses the source, or when it is not installed.
 */
export function compileProgram(sourceDirectory: string, sourceFile: string): Buffer {
  if (!isCompilerInstalled())
    throw new Error(`${REQUIRED_COMPILER} is needed to build the programs (Debian: apt install clang-19)`);
  const directory = mkdtempSync(join(tmpdir(), 'devnet-programs-'));
  try {
    const output = join(directory, 'program.o');
    const run = spawnSync(REQUIRED_COMPILER, [...FLAGS, '-c', sourceFile, '-o', output], {
      cwd: sourceDirectory,
      encoding: 'utf8',
    });
    if (run.status !== 0) throw new Error(`${sourceFile} does not compile:\n${run.stderr}`);
    return readFileSync(output);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
