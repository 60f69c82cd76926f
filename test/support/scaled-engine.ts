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
  /** In order; the exit code. */
  stop(): Promise<number | null>;
  /** As SIGKILL. */
  kill(): Promise<void>;
}

/** Several engine processes on one database, one Redis and one devnet. */
export interface ScaledEngine {
  readonly devnetUrl: string;
  /** The local chain's process that runs now. */
  devnet(): ServerProcess;
  /** Kills the local chain, and after the pause starts it again on its ledger, at the same address. */
  restartDevnet(pauseMs: number): Promise<void>;
  startApi(env?: Record<string, string>): Promise<ServerProcess & { readonly url: string }>;
  startWorker(env?: Record<string, string>): Promise<ServerProcess>;
  /** `npm run rebind`; what it wrote. Rejects with what it wrote where it refuses. */
  rebind(args: readonly string[], env?: Record<string, string>): Promise<string>;
  /** Ends every process that is left. */
  close(): Promise<void>;
}

/**
 * For suites that ask what becomes of orders when something fails, and not how fast: on a busy machine a second and a
 * blockhash of 150 slots are soon over, and an order that fails for that says nothing about what was asked.
 */
export const PATIENT = { QUOTE_TIMEOUT_MS: '10000', MAX_QUOTE_AGE_SLOTS: '150', MAX_TRIES: '10' };

/** Starts a devnet and brings the database to its schema; API and worker processes come when they are asked for. */
export async function startScaledEngine(options: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly slotMs?: number;
  /** Another program in place of our worker. */
  readonly workerScript?: string;
  /** Settings of every process, beside those that connect them. */
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

/** Starts a process and waits for the line that says that it is ready. */
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
      child.kill('SIGKILL'); // Nobody else knows of it.
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
