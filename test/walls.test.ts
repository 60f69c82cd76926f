import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const engine = 'packages/engine/src';

/** A file that breaks exactly the wall named, and what it imports. */
const PLANTED: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ['no-cycles', `${engine}/domain/one.ts`, './other.ts'],
  ['amm-is-pure', 'packages/amm/src/impure.ts', 'node:fs'],
  ['api-schema-needs-zod-only', 'packages/api-schema/src/impure.ts', 'node:fs'],
  ['domain-is-pure', `${engine}/domain/impure.ts`, 'node:crypto'],
  ['ports-know-the-domain-only', `${engine}/ports/impure.ts`, '../execution/thing.ts'],
  ['execution-knows-domain-and-ports-only', `${engine}/execution/impure.ts`, 'node:timers'],
  ['adapters-stay-apart', `${engine}/adapters/memory/impure.ts`, '../solana/thing.ts'],
  ['adapters-stay-apart', `${engine}/adapters/venues/raydium/impure.ts`, '../meteora/thing.ts'],
  ['adapters-do-not-reach-up', `${engine}/adapters/memory/upward.ts`, '../../execution/thing.ts'],
  ['api-does-not-reach-adapters', `${engine}/api/impure.ts`, '../adapters/solana/thing.ts'],
  ['fastify-only-in-api', `${engine}/telemetry/impure.ts`, 'fastify'],
  ['main-is-the-top', `${engine}/api/upward.ts`, '../main/thing.ts'],
  ['clients-do-not-import-the-server', 'packages/sdk/src/impure.ts', '@oee/engine'],
  ['packages-through-their-front-door', 'packages/devnet/src/impure.ts', '../../amm/src/thing.ts'],
  ['no-unresolvable', `${engine}/domain/lost.ts`, './nowhere.ts'],
];

/** Imports that every wall allows. */
const ALLOWED: readonly (readonly [file: string, imports: string])[] = [
  [`${engine}/domain/fine.ts`, '@oee/amm'],
  [`${engine}/execution/fine.ts`, '../ports/thing.ts'],
  [`${engine}/adapters/venues/raydium/fine.ts`, '../thing.ts'],
  [`${engine}/api/fine.ts`, 'fastify'],
  [`${engine}/main/fine.ts`, '../adapters/solana/thing.ts'],
];

const THINGS = [
  `${engine}/domain`,
  `${engine}/ports`,
  `${engine}/execution`,
  `${engine}/main`,
  `${engine}/adapters/solana`,
  `${engine}/adapters/venues`,
  `${engine}/adapters/venues/meteora`,
  'packages/amm/src',
].map((folder) => `${folder}/thing.ts`);

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

let directory: string;
let violations: readonly Violation[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'oee-walls-'));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  };
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, file), join(directory, file));
  for (const name of ['amm', 'api-schema', 'devnet', 'engine']) {
    mkdirSync(join(directory, 'packages', name, 'src'), { recursive: true });
    cpSync(join(root, 'packages', name, 'package.json'), join(directory, 'packages', name, 'package.json'));
    write(`packages/${name}/src/index.ts`, 'export const front = 1;\n');
  }
  mkdirSync(join(directory, 'node_modules/@oee'), { recursive: true });
  for (const name of ['fastify', 'zod', 'typescript', '@types'])
    symlinkSync(join(root, 'node_modules', name), join(directory, 'node_modules', name));
  for (const name of ['amm', 'api-schema', 'devnet', 'engine'])
    symlinkSync(join(directory, 'packages', name), join(directory, 'node_modules/@oee', name));
  for (const file of THINGS) write(file, 'export const thing = 1;\n');
  write(`${engine}/domain/other.ts`, "import type {} from './one.ts';\nexport const other = 1;\n");
  for (const [, file, imports] of PLANTED) write(file, `import '${imports}';\n`);
  for (const [file, imports] of ALLOWED) write(file, `import '${imports}';\n`);
  violations = await cruise(directory);
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.each(PLANTED)('%s reports %s importing %s', (rule, file) => {
  const found = violations.filter(({ from }) => from === file).map(({ rule: { name } }) => name);
  expect(found).toContain(rule);
});

test.each(ALLOWED)('%s may import %s', (file) => {
  expect(violations.filter(({ from }) => from === file)).toEqual([]);
});

async function cruise(cwd: string): Promise<readonly Violation[]> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const run = promisify(execFile)(
    process.execPath,
    [program, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'packages'],
    { cwd, maxBuffer: 64 * 1024 * 1024 },
  );
  const { stdout } = await run.catch((error: { stdout: string }) => error); // Violations are its exit code.
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}
