// Compiles the simulation and the simulated sources, then runs it: npm run sim -- --seeds 20000 --from 0
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, compileFolder, transpile } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const engine = join(root, 'packages/engine');
// Inside node_modules, so that packages resolve from there and our tools ignore it.
const output = join(root, 'node_modules/.cache/simulation');
const mutated = join(root, 'node_modules/.cache/simulation-mutant');

await build(); // Other packages are used as built.
for (const folder of ['src', 'test/simulation', 'test/support'])
  await compileFolder(join(engine, folder), join(output, folder));
const load = (file) => import(pathToFileURL(join(output, 'test/simulation', file)).href);
const [{ main }, { applyMutant }] = await Promise.all([load('main.js'), load('mutant.js')]);
process.exitCode = await main(process.argv.slice(2), compileMutant);

async function compileMutant(mutant) {
  const source = join(engine, 'src', mutant.file);
  const compiled = await transpile(source, applyMutant(mutant, readFileSync(source, 'utf8')));
  const tree = join(mutated, mutant.name);
  rmSync(tree, { recursive: true, force: true });
  cpSync(output, tree, { recursive: true });
  writeFileSync(join(tree, 'src', mutant.file.replace(/\.ts$/, '.js')), compiled);
  return pathToFileURL(`${tree}/`);
}
