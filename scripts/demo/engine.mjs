import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../packages/engine/dist/main/serve.js', import.meta.url));

/** Starts an engine on free ports in a directory that is removed when it stops. */
export async function startEngine() {
  const directory = mkdtempSync(join(tmpdir(), 'oee-demo-'));
  console.log('Starting an engine with a local Solana of its own …');
  const child = spawn(process.execPath, [MAIN], {
    cwd: directory,
    env: { PATH: process.env.PATH, PORT: '0', DEVNET_PORT: '0', DATA_DIR: directory, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // Ctrl-C reaches only the demo, which then stops the engine properly.
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, async () => {
      await stop();
      process.exit(1);
    });
  const url = await Promise.race([addressOf(child), ended.then(() => undefined)]);
  if (url) return { url, stop };
  rmSync(directory, { recursive: true, force: true });
  throw new Error('the engine did not start');
}

/** The address, which the engine prints once it listens. */
async function addressOf(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /(http:\S+)\/api\/orders$/.exec(line)?.[1];
    if (!url) continue;
    child.stdout.resume();
    return url;
  }
}
