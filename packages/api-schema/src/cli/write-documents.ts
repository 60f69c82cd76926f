// Writes the documents that are made from the contract: `npm run documents`. With --check it only says which are stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedDocuments } from '../generated-documents.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const onlyChecks = process.argv.includes('--check');

for (const [path, text] of Object.entries(generatedDocuments())) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (onlyChecks) {
    console.error(`${path} is not what the contract says: npm run documents`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(path);
}
