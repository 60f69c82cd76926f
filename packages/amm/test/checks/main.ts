import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkVectorFile } from './check-vector-file.ts';

/**
 * Checks quotes against recorded vectors: `npm run -s vectors -- FILE…`.
 * Prints every failure and ends with "N passed, N failed"; exits 1 unless at least one case ran and all passed.
 */
function main(paths: readonly string[]): number {
  if (paths.length === 0) {
    console.error('Usage: npm run -s vectors -- FILE.json [FILE.json …]');
    return 1;
  }
  let passed = 0;
  let failed = 0;
  let unreadable = 0;
  for (const path of paths) {
    try {
      const text = readFileSync(resolve(process.env.INIT_CWD ?? process.cwd(), path), 'utf8');
      const results = checkVectorFile(JSON.parse(text));
      if (results.length === 0) throw new Error('the file holds no cases');
      for (const { id, problem } of results) if (problem) console.log(`${path}: ${id}: ${problem}`);
      const fileFailed = results.filter(({ problem }) => problem !== null).length;
      console.log(`${path}: ${results.length - fileFailed} passed, ${fileFailed} failed`);
      passed += results.length - fileFailed;
      failed += fileFailed;
    } catch (error) {
      unreadable += 1;
      console.error(`${path}: cannot be checked: ${error instanceof Error ? error.message : error}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed + unreadable > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
