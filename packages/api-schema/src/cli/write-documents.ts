// Writes the documents that are made from the contract: `npm run documents`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedDocuments } from '../generated-documents.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

for (const [path, text] of Object.entries(generatedDocuments())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(path);
}
