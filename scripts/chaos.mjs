// Compiles the chaos run and what it uses of the tests, then starts it: npm run chaos -- --orders 2000 --seconds 300
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, compileFolder } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside node_modules, so that packages are found from there and no tool of ours looks in.
const output = join(root, 'node_modules/.cache/chaos');

await build();
for (const folder of [
  'test/chaos',
  'test/support',
  'packages/engine/test/support',
  'packages/engine/test/simulation',
])
  await compileFolder(join(root, folder), join(output, folder));
// The processes that it starts are the built ones.
for (const folder of ['packages/engine/dist', 'packages/devnet/dist']) {
  mkdirSync(dirname(join(output, folder)), { recursive: true });
  rmSync(join(output, folder), { force: true });
  symlinkSync(join(root, folder), join(output, folder));
}
await import(pathToFileURL(join(output, 'test/chaos/main.js')).href);
