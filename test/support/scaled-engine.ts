import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endWithUs } from './end-with-us.ts';

const built = (path: string): string => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));
const API = built('engine/dist/main/serve-api.js');
const WORKER = built('engine/dist/main/work.js');
const MIGRATE = built('engine/dist/main/migrate-database.js');
const REBIND = built('engine/dist/main/rebind.js');
const DEVNET = built('devnet/dist/main.js');

/** A process that a test started; it ends no other. */
export interface ServerProcess {
  readonly child: ChildProcess;
  output(): string;
  /** Stops the process in order; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
}

/** Several engine processes on one database, one Redis and one devnet. */
export interface ScaledEngine {
  readonly devnetUrl: string;
  /** The current process of the local chain. */
  devnet(): ServerProcess;
  /** Kills the local chain, and after the pause starts it again on its ledger, at the same address. */
  restartDevnet(pauseMs: number): Promise<void>;
  startApi(env?: Record<string, string>): Promise<ServerProcess & { readonly url: string }>;
  startWorker(env?: Record<string, string>): Promise<ServerProcess>;
  /** Runs `npm run rebind`; resolves with its output, or rejects with its output if it refuses. */
  rebind(args: readonly string[], env?: Record<string, string>): Promise<string>;
  /** Ends every remaining process. */
  close(): Promise<void>;
}

/**
 * Settings for suites about orders during failures, where speed does not matter: on a busy machine a second and a
 * blockhash of 150 slots soon pass, and an order that fails because of that proves nothing.
 */
export const PATIENT = { QUOTE_TIMEOUT_MS: '10000', MAX_QUOTE_AGE_SLOTS: '150', MAX_TRIES: '10' };

/** Starts a devnet and migrates the database; the test starts API and worker processes. */
export async function startScaledEngine(options: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly slotMs?: number;
  /** A program that replaces the worker. */
  readonly workerScript?: string;
  /** Settings of every process, besides the connection settings. */
  readonly env?: Readonly<Record<string, string>>;
}): Promise<ScaledEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'oee-scaled-'));
  const running: ServerProcess[] = [];
  const ledger = join(directory, 'ledger');
  const start = async (
    script: string,
    args: readonly string[],
    env: Record<string, string>,
    ready: RegExp,
  ) => {
    const started = await startProcess({ script, args, env, directory, ready });
    running.push(started.process);
    return started;
  };

  const startDevnet = (port: string) =>
    start(
      DEVNET,
      ['--port', port, '--slot-ms', String(options.slotMs ?? 50), '--ledger', ledger],
      {},
      /"ready":true/,
    );
  let devnet = await startDevnet('0');
  const devnetUrl = (JSON.parse(devnet.readyLine) as { url: string }).url;
  const shared = {
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    DEVNET_URL: devnetUrl,
    WALLET_FILE: join(directory, 'wallet.json'),
    PORT: '0',
    ...options.env,
  };
  const migration = await start(MIGRATE, [], shared, /applied|up to date/);
  await migration.process.stop();

  return {
    devnetUrl,
    devnet: () => devnet.process,
    async restartDevnet(pauseMs) {
      await devnet.process.kill();
      await sleep(pauseMs);
      devnet = await startDevnet(new URL(devnetUrl).port);
    },
    async startApi(env = {}) {
      const { process: api, readyLine } = await start(API, [], { ...shared, ...env }, /"msg":"API ready"/);
      return { ...api, url: (JSON.parse(readyLine) as { url: string }).url };
    },
    async startWorker(env = {}) {
      return (await start(options.workerScript ?? WORKER, [], { ...shared, ...env }, /"msg":"worker ready"/))
        .process;
    },
    async rebind(args, env = {}) {
      const { stdout } = await promisify(execFile)(process.execPath, [REBIND, ...args], {
        cwd: directory,
        env: { PATH: process.env.PATH, ...shared, ...env },
      });
      return stdout;
    },
    async close() {
      await Promise.all(running.map((one) => one.kill()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Starts a process and waits for its line of readiness. */
async function startProcess(options: {
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly directory: string;
  readonly ready: RegExp;
}): Promise<{ process: ServerProcess; readyLine: string }> {
  const child = spawn(process.execPath, [options.script, ...options.args], {
    cwd: options.directory,
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  endWithUs(child);
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (text += chunk));
  const readyLine = await new Promise<string>((resolve, reject) => {
    const refuse = () => {
      child.kill('SIGKILL'); // No caller has the process yet.
      reject(new Error(`${options.script} did not come up: ${text}`));
    };
    const timer = setTimeout(refuse, 60_000);
    void ended.then(refuse);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!options.ready.test(line)) return;
      clearTimeout(timer);
      resolve(line);
    });
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    readyLine,
    process: {
      child,
      output: () => text,
      async stop() {
        await end('SIGTERM');
        return child.exitCode;
      },
      kill: () => end('SIGKILL'),
    },
  };
}
