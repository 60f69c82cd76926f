import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Writes a tree of small files with this repository's rules beside them, unchanged, and its installed packages; only
 * the workspace packages are those of the tree. The caller removes the tree.
 *
 * @param files Contents by path, relative to the tree.
 * @returns The tree's absolute path.
 */
export function plantTree(files: Record<string, string>): string {
  const tree = mkdtempSync(join(tmpdir(), 'planted-'));
  for (const name of [
    '.dependency-cruiser.cjs',
    '.gitignore',
    'biome.json',
    'package.json',
    'tsconfig.json',
  ]) {
    copyFileSync(join(root, name), join(tree, name));
  }
  mkdirSync(join(tree, 'node_modules/@oee'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@oee') symlinkSync(join(root, 'node_modules', name), join(tree, 'node_modules', name));
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  for (const name of readdirSync(join(tree, 'packages'))) {
    const exports = { '.': { source: './src/index.ts', default: './dist/index.js' } };
    const manifest = { name: `@oee/${name}`, version: '0.1.0', type: 'module', exports };
    writeFileSync(join(tree, 'packages', name, 'package.json'), JSON.stringify(manifest));
    symlinkSync(join(tree, 'packages', name), join(tree, 'node_modules/@oee', name));
  }
  return tree;
}
