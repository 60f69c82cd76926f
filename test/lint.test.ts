import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plantTree, root } from './support/planted-tree.ts';

const DENIED_EXPRESSIONS = [
  'Date.now()',
  'new Date(0)',
  'performance.now()',
  'setTimeout(() => {}, 1)',
  'setInterval(() => {}, 1)',
  'setImmediate(() => {})',
  'crypto.randomUUID()',
  'process.pid',
  "fetch('http://localhost')",
  "new WebSocket('ws://localhost')",
  'globalThis.Date',
  'global.Date',
  "new EventSource('http://localhost')",
  'new XMLHttpRequest()',
  'console.log(1)',
];
const PURE_FOLDERS = ['domain', 'execution'];
const ENVIRONMENT_READERS = ['domain', 'execution', 'ports', 'adapters/memory', 'api', 'telemetry', 'main'];

const denied = DENIED_EXPRESSIONS.flatMap((expression, index) =>
  PURE_FOLDERS.map((folder) => ({ expression, file: `packages/engine/src/${folder}/planted-${index}.ts` })),
);
const environment = ENVIRONMENT_READERS.map((folder) => `packages/engine/src/${folder}/planted-env.ts`);
const allowed = {
  'packages/engine/src/config/config.ts': 'export const port = process.env.PORT;\n',
  'packages/engine/src/adapters/memory/clock.ts': 'export const now = () => Date.now();\n',
  'packages/engine/src/main/serve.ts': 'export const id = process.pid;\n',
  'packages/engine/src/domain/order.test.ts': 'export const now = () => Date.now();\n',
  'packages/devnet/src/index.ts': 'export const port = process.env.PORT;\n',
};

let tree: string;
let findings: { rule: string; file: string }[];

beforeAll(() => {
  tree = plantTree({
    ...allowed,
    ...Object.fromEntries(
      denied.map(({ expression, file }) => [file, `export const planted = () => ${expression};\n`]),
    ),
    ...Object.fromEntries(environment.map((file) => [file, 'export const planted = process.env.PLANTED;\n'])),
  });
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const options = ['lint', '--reporter=json', '--max-diagnostics=none', 'packages'];
  const { stdout } = spawnSync(process.execPath, [biome, ...options], { cwd: tree, encoding: 'utf8' });
  findings = JSON.parse(stdout).diagnostics.map(
    (diagnostic: { category: string; location: { path: string } }) => ({
      rule: diagnostic.category.split('/').at(-1),
      file: diagnostic.location.path,
    }),
  );
});

afterAll(() => rmSync(tree, { recursive: true }));

describe('the lint', () => {
  test.each(denied)('stops $expression in $file', ({ file }) => {
    expect(findings).toContainEqual({ rule: 'noRestrictedGlobals', file });
  });

  test.each(environment)('stops process.env in %s', (file) => {
    expect(findings).toContainEqual({ rule: 'noProcessEnv', file });
  });

  test('lets the edges read the clock, the process and, in config alone, the environment', () => {
    expect(findings.filter(({ file }) => file in allowed)).toEqual([]);
  });
});
