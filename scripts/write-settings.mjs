// Writes the documents that are made from the settings: part of `npm run documents`. With --check it only names stale ones.
import { readFileSync, writeFileSync } from 'node:fs';

const at = (path) => new URL(`../${path}`, import.meta.url);
const read = (path) => readFileSync(at(path), 'utf8');
// `npm run documents` builds this module first; a static import would not resolve before the first build.
const { settingsDocuments } = await import(at('packages/engine/dist/config/settings-documents.js').href);

for (const [path, text] of Object.entries(settingsDocuments(read('docs/configuration.md')))) {
  if (read(path) === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`${path} differs from the settings: npm run documents`);
    process.exitCode = 1;
    continue;
  }
  writeFileSync(at(path), text);
  console.log(path);
}
