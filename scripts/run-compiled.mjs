import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, compileFolder } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a command that belongs to no package: compiles its folders into a separate tree and imports its main file. Paths
 * are relative to the repository.
 *
 * @param main The TypeScript file that starts the command.
 * @param folders The folders to compile.
 * @param built What the command finds as the package's build has it: the path in the tree, and the folder of the build.
 */
export async function runCompiled(main, folders, built) {
  await build();
  // Inside node_modules, so that packages resolve from there and our tools ignore it.
  const tree = join(root, 'node_modules/.cache', dirname(main).replaceAll('/', '-'));
  for (const folder of folders) await compileFolder(join(root, folder), join(tree, folder));
  for (const [path, folder] of Object.entries(built)) link(join(root, folder), join(tree, path));
  await import(pathToFileURL(join(tree, main.replace(/\.ts$/, '.js'))).href);
}

function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  try {
    symlinkSync(relative(dirname(path), target), path);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}
