// A devnet in a separate process, and the embedded engine on it, both as `npm start` runs them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, NODE_OPTIONS, startProcess } from './servers.mjs';

const scriptOf = (path) => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));

/** Begins a new chain. */
export async function startDevnet({ slotMs, nodeOptions = [] }) {
  const directory = mkdtempSync(join(tmpdir(), 'oee-bench-devnet-'));
  const flags = ['--port', '0', '--slot-ms', String(slotMs), '--ledger', directory, '--exit-with-parent'];
  const child = spawn(process.execPath, [...nodeOptions, scriptOf('devnet/dist/main.js'), ...flags], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Error('the devnet did not start'))),
  ]);
  return {
    url: JSON.parse(line).url,
    pid: child.pid,
    async stop() {
      child.stdin.end();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The engine with default settings on a running devnet, ready for orders. */
export async function startEngineOn(devnetUrl, { slotMs, nodeOptions = [] }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'oee-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    DATA_DIR: dataDir,
    DEVNET_URL: devnetUrl,
    DEVNET_SLOT_MS: String(slotMs),
    LOG_LEVEL: 'error',
  };
  const args = [...NODE_OPTIONS, ...nodeOptions, scriptOf('engine/dist/main/serve.js')];
  const child = spawn(process.execPath, args, { cwd: dataDir, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error('the engine did not start');
    await sleep(100);
  }
  const end = async (signal, read) => {
    child.kill(signal);
    await once(child, 'exit');
    const found = await read?.(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
    return found;
  };
  return {
    url,
    pid: child.pid,
    stop: () => end('SIGTERM'),
    /** Kills the engine, and resolves with what `read` finds in its data directory. */
    killAndRead: (read) => end('SIGKILL', read),
  };
}

/** A devnet with its engine. */
export async function startDevnetEngine({ slotMs, nodeOptions }) {
  const devnet = await startDevnet({ slotMs, nodeOptions });
  const engine = await startEngineOn(devnet.url, { slotMs, nodeOptions });
  return {
    url: engine.url,
    pids: { engine: engine.pid, devnet: devnet.pid },
    async stop() {
      await engine.stop();
      await devnet.stop();
    },
  };
}

/**
 * The bare sender's figures on a separate devnet.
 *
 * @param settings `ORDERS`, `IN_FLIGHT`, `WARM_UP`.
 */
export async function measureBareSender({ slotMs, ...settings }) {
  const devnet = await startDevnet({ slotMs });
  try {
    return await runBareSender(devnet.url, { DEVNET_PID: devnet.pid, SLOT_MS: slotMs, ...settings });
  } finally {
    await devnet.stop();
  }
}

/** Runs the bare sender; resolves with the figures that it prints. */
export async function runBareSender(url, settings) {
  const texts = Object.entries(settings).map(([name, value]) => [name, String(value)]);
  const sender = await startProcess('bare-sender.mjs', { DEVNET_URL: url, ...Object.fromEntries(texts) });
  await sender.stop();
  return JSON.parse(sender.line);
}
