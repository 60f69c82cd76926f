import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './planted-tree.ts';

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'coverage', 'data', '.env']);
const BINARY = /\.(so|gz|png|ico|woff2|tgz|bin|elf)$/;

/** Every text file of the repository, relative to its root, with `/`. Works without git, as in an archive. */
export const repositoryFiles: readonly string[] = [...listFiles('')].sort();

/** The text of a repository file. */
export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Whether a file or folder of the repository exists. */
export function exists(path: string): boolean {
  return existsSync(join(root, path));
}

function* listFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (NOT_OURS.has(entry.name) || BINARY.test(entry.name) || entry.name.endsWith('.log')) continue;
    if (entry.isDirectory()) yield* listFiles(path);
    else if (entry.isFile()) yield path;
  }
}
