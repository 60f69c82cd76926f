import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';

/**
 * Requirements of some suites that `npm ci` does not install: programs, and the SDKs of Solana and of the exchanges.
 */
export type Requirement =
  | 'clang-19'
  | 'chromium'
  | 'newman'
  | 'redis-server'
  | 'postgres'
  | 'pgbouncer'
  | 'prlimit'
  | 'SDKs';

const PROGRAMS: Record<Requirement, readonly string[]> = {
  'clang-19': ['clang-19'],
  newman: ['newman'],
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  'redis-server': ['redis-server'],
  postgres: ['postgres'],
  pgbouncer: ['pgbouncer'],
  prlimit: ['prlimit'],
  SDKs: ['index.cjs.js'],
};

/**
 * A `describe` for a suite that needs a program of the machine; the body receives the program's path.
 *
 * Present: the suite runs. Absent: it is left out and a warning says so; where `CI=true`, it fails,
 * since there nothing may be left out in silence.
 *
 *     describeWith({ needs: 'clang-19' })('the toolchain', (clangPath) => { test(…) });
 */
export function describeWith({ needs }: { needs: Requirement }) {
  return (title: string, body: (programPath: string) => void): void => {
    const programPath = findProgram(needs);
    if (programPath) {
      describe(title, () => body(programPath));
    } else if (process.env.CI === 'true') {
      test(`${title}: finds ${needs}, which CI must have`, () => {
        throw new Error(
          `${needs} is not installed, and with CI=true no suite is left out. Run .ci/run as root.`,
        );
      });
    } else {
      console.warn(`LEFT OUT: "${title}" needs ${needs}, which is not installed here.`);
      test.skip(`${title} (needs ${needs})`, () => {});
    }
  };
}

/**
 * The full path of an installed program, or null. PostgreSQL and PgBouncer are also searched for where Debian keeps
 * them, newman and the SDKs where `npm ci --prefix` puts them.
 */
export function findProgram(requirement: Requirement): string | null {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  if (requirement === 'postgres') directories.push(...debianPostgresDirectories());
  if (requirement === 'pgbouncer') directories.push('/usr/sbin');
  if (requirement === 'newman')
    directories.push(fileURLToPath(new URL('../postman/node_modules/.bin', import.meta.url)));
  if (requirement === 'SDKs')
    directories.push(fileURLToPath(new URL('../sdks/node_modules/@solana/web3.js/lib', import.meta.url)));
  for (const program of PROGRAMS[requirement]) {
    for (const directory of directories) {
      const path = join(directory, program);
      if (isUsable(path, requirement)) return path;
    }
  }
  return null;
}

function debianPostgresDirectories(): string[] {
  const base = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(base, version, 'bin'));
  } catch {
    return [];
  }
}

/** A program can be run; a library can be read. */
function isUsable(path: string, requirement: Requirement): boolean {
  try {
    accessSync(path, requirement === 'SDKs' ? constants.R_OK : constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
