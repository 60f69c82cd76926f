// Compiles the simulation and what it simulates, then runs it: npm run sim -- --seeds 20000 --from 0
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, compileFolder } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const engine = join(root, 'packages/engine');
// Inside node_modules, so that packages are found from there and no tool of ours looks in.
const output = join(root, 'node_modules/.cache/simulation');

await build(); // Other packages are used as built.
for (const folder of ['src', 'test/simulation', 'test/support'])
  await compileFolder(join(engine, folder), join(output, folder));
await import(pathToFileURL(join(output, 'test/simulation/main.js')).href);
