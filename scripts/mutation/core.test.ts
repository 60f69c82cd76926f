import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

// All suites that run the core in this process, as one file: it is loaded once for each mutation, the quick suites run
// first, and the first test that fails ends the run.
const engine = fileURLToPath(new URL('../../packages/engine', import.meta.url));
const FOLDERS = ['src/domain', 'src/execution', 'test', 'test/simulation'];
const ELSEWHERE = ['api', 'dialects', 'documents', 'jupiter-venue', 'mutants', 'openapi', 'run-seed'];
const FIRST = [
  'execute-order',
  'cancel-order',
  'receipt-guard',
  'prove-absence',
  'review-order',
  'held-order',
];
const LAST = ['account-stream', 'model-based', 'interleavings', 'simulation'];

const rank = (name: string): number =>
  FIRST.includes(name) ? FIRST.indexOf(name) - FIRST.length : LAST.indexOf(name) + 1;
const suites = FOLDERS.flatMap((folder) =>
  readdirSync(join(engine, folder)).map((file) => join(engine, folder, file)),
)
  .filter((path) => path.endsWith('.test.ts') && !path.endsWith('-on-devnet.test.ts'))
  .map((path) => ({ path, name: basename(path, '.test.ts') }))
  .filter(({ name }) => !ELSEWHERE.includes(name));

for (const { path, name } of suites.sort((a, b) => rank(a.name) - rank(b.name)))
  describe(name, async () => {
    await import(path);
  });
