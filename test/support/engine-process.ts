import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call } from './http-client.ts';

const MAIN = fileURLToPath(new URL('../../packages/engine/dist/main/serve.js', import.meta.url));

/** A real engine process with its devnet child; tests end only processes that they started. */
export interface EngineProcess {
  readonly url: string;
  readonly devnetUrl: string;
  readonly child: ChildProcess;
  /** Process id of the devnet, from its ledger's lock. */
  devnetPid(): number;
  /** Everything that the process wrote so far. */
  output(): string;
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

export interface EngineProcessOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly devnetPort: number;
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
  /** A program that runs first and then becomes the engine, such as a shell that lowers a limit. */
  readonly wrapper?: readonly string[];
}

/** Starts the built engine and waits until it is ready. */
export async function startEngineProcess(options: EngineProcessOptions): Promise<EngineProcess> {
  const { child, output } = spawnEngine(options);
  const url = `http://127.0.0.1:${options.port}`;
  const deadline = Date.now() + 90_000; // A start with --recovered waits for the chain.
  while (!(await isReady(url))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`engine ended with ${child.exitCode}: ${output()}`);
    if (Date.now() > deadline) throw new Error(`engine not ready: ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const ended = once(child, 'exit');
  return {
    url,
    devnetUrl: `http://127.0.0.1:${options.devnetPort}`,
    child,
    output,
    devnetPid: () => JSON.parse(readFileSync(join(options.dataDir, 'devnet', 'lock'), 'utf8')).pid as number,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Starts the built engine without waiting for anything. */
export function spawnEngine(options: EngineProcessOptions): { child: ChildProcess; output: () => string } {
  const { dataDir, port, devnetPort, env, args = [], wrapper = [] } = options;
  const [command, ...words] = [...wrapper, process.execPath, MAIN, ...args];
  const child = spawn(command!, words, {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DEVNET_PORT: String(devnetPort),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (text += chunk));
  return { child, output: () => text };
}

/** Leaves no connection open, unlike fetch, since a test may count connections. */
const isReady = async (url: string): Promise<boolean> => (await call(`${url}/readyz`)).status === 200;

/**
 * A free port whose next port is free too, since the devnet takes both; below the ports that the system gives to
 * clients.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
