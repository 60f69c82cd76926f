// Runs the engine and restarts it whenever a source changes: `npm run dev`.
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'packages/engine/dist/main/serve.js');
const SETTLE_MS = 150;

let child;
let timer;
let restarting = Promise.resolve();

for (const name of ['amm', 'api-schema', 'devnet', 'engine']) {
  const sources = join(root, 'packages', name, 'src');
  if (existsSync(sources)) watch(sources, { recursive: true }, scheduleRestart);
}
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await stop();
    process.exit(0);
  });
restart();

/** Editors write several files at once; one restart serves them all. */
function scheduleRestart() {
  clearTimeout(timer);
  timer = setTimeout(restart, SETTLE_MS);
}

function restart() {
  restarting = restarting.then(async () => {
    try {
      await build();
    } catch (error) {
      console.error(error.message);
      return;
    }
    await stop();
    child = spawn(process.execPath, ['--enable-source-maps', main], { cwd: root, stdio: 'inherit' });
  });
}

async function stop() {
  if (!child || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
