import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// npm and the tests run in the repository's root.
const root = process.cwd();
const FILE = 'execution/execute-order.js';
const FIND = 'return engine.observer.follow(recorded.attempt, recorded.claim);';
/** Takes an error of sending for the end of the attempt, and signs anew. */
const REPLACE = `
  try {
    await engine.chain.nodes[0].send(recorded.attempt.bytes);
  } catch {
    const { settleExpired } = await import('./attempts/settle-order.js');
    await settleExpired(engine, recorded.attempt);
    return;
  }
  return engine.observer.follow(recorded.attempt, recorded.claim);`;

/**
 * A worker with the usual mistake, made of the built engine by one replacement: a send that is not acknowledged counts
 * as one that did not happen. Chaos must find its doubles, otherwise it could not see ours.
 *
 * @returns The script to start, and what removes it.
 */
export function makeNaiveWorker(): { readonly script: string; remove(): void } {
  const engine = join(root, 'packages/engine');
  // Inside node_modules, so that packages are found from there.
  const copy = join(root, 'node_modules/.cache', `naive-worker-${process.pid}`);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  cpSync(join(engine, 'dist'), join(copy, 'dist'), { recursive: true });
  for (const name of ['migrations', 'assets', 'package.json'])
    symlinkSync(join(engine, name), join(copy, name));

  const file = join(copy, 'dist', FILE);
  const source = readFileSync(file, 'utf8');
  if (source.split(FIND).length !== 2) throw new Error(`${FILE} does not have "${FIND}" exactly once`);
  const [, imported] = /import\('(.+)'\)/.exec(REPLACE) as RegExpExecArray;
  if (!existsSync(join(file, '..', imported as string)))
    throw new Error(`${imported} is not where the mistake takes it from`);
  writeFileSync(file, source.replace(FIND, REPLACE));
  return {
    script: join(copy, 'dist/main/work.js'),
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}
