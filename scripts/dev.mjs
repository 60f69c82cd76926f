// Runs the engine and restarts it whenever a source changes: `npm run dev`.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'packages/engine/dist/main/serve.js');
const SETTLE_MS = 150;

let child;
let timer;
let restarting = Promise.resolve();

for (const name of readdirSync(join(root, 'packages'))) {
  const sources = join(root, 'packages', name, 'src');
  if (existsSync(sources)) watch(sources, { recursive: true }, scheduleRestart);
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    clearTimeout(timer);
    await restarting; // A restart in progress would start another engine after this one has ended.
    await stop();
    process.exit(0);
  });
}
restart();

/** Editors write several files at once, so one restart serves them all. A change of a test needs none. */
function scheduleRestart(_event, file) {
  if (file && /\.(test|suite)\.ts$|~$|\.sw.$/.test(file)) return;
  clearTimeout(timer);
  timer = setTimeout(restart, SETTLE_MS);
}

function restart() {
  restarting = restarting.then(async () => {
    try {
      if ((await build()) === 0 && isRunning()) return;
    } catch (error) {
      console.error(error.message); // The old engine keeps running until the source compiles again.
      return;
    }
    await stop();
    child = spawn(process.execPath, ['--enable-source-maps', main], { cwd: root, stdio: 'inherit' });
    child.once('exit', (code) => {
      if (code) console.error(`The engine ended with code ${code}; it starts again with the next change.`);
    });
  });
}

function isRunning() {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Stops the engine, which finishes its work within its own time limit. */
async function stop() {
  if (!isRunning()) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
