import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { isHash } from '../adapters/solana/exact-json.ts';
import { readGenesisHash } from '../adapters/solana/rpc.ts';
import { createHttpClient } from '../adapters/system/http-client.ts';
import { type Clock, msSince } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';

export interface DevnetOptions {
  readonly dataDir: string;
  readonly allowUnlocked: boolean;
  readonly port: number;
  readonly slotMs: number;
  readonly seed: string;
  readonly market: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface DevnetProcess {
  readonly url: string;
  readonly wsUrl: string;
  /** Genesis hash of its chain, whatever answers at the address later. */
  readonly genesisHash: string;
  /** Records in the DATA_DIR that this is its chain, once all checks have passed. Writes the record only once. */
  remember(): void;
  /** Stops the devnet and waits for its exit, if this process started it. */
  stop(): Promise<void>;
}

/** The devnet cannot be used; the message says what to do. */
export class DevnetRefused extends Error {
  override name = 'DevnetRefused';
}

interface Endpoint {
  readonly url: string;
  readonly wsUrl: string;
  readonly genesisHash: string;
}

const http = createHttpClient();

const GENESIS_TIMEOUT_MS = 2_000;
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;
const WATCH_MS = 1_000;
const RESPAWN_MS = 500;

/**
 * The local Solana of this DATA_DIR: attached to if it already runs, spawned otherwise, and spawned again whenever it
 * is gone. It runs in its own process group and ends when this process's pipe to it closes, after flushing.
 *
 * @throws {DevnetRefused} If another devnet answers on the port, or the child does not come up.
 */
export async function startDevnetProcess(options: DevnetOptions): Promise<DevnetProcess> {
  const { clock, log } = options;
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  /** The chain of this DATA_DIR, from the first devnet on. */
  let expected: string | undefined;

  async function spawnOwn(port: number): Promise<Endpoint> {
    requireLedger(options.dataDir);
    const spawned = await spawnPatiently({ ...options, port });
    child = spawned.child;
    const { genesisHash } = spawned.endpoint;
    expected ??= rememberedGenesis(options.dataDir) ?? genesisHash;
    if (expected !== genesisHash) {
      child.stdin?.end();
      throw new DevnetRefused(anotherLedger(options.dataDir, { expected, genesisHash }));
    }
    return spawned.endpoint;
  }

  const running = options.port === 0 ? undefined : await findRunning(options);
  const endpoint = running ?? (await spawnOwn(options.port));
  log.info({ url: endpoint.url, attached: Boolean(running) }, 'devnet ready');

  const port = Number(new URL(endpoint.url).port);
  const watching = watch();

  /** An attached devnet may be stopping; a spawned one may crash. */
  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(WATCH_MS, stopping.signal);
      const gone = child
        ? child.exitCode !== null || child.signalCode !== null
        : !(await genesisAt(endpoint.url));
      if (!gone || stopping.signal.aborted) continue;
      log.warn({ url: endpoint.url }, 'devnet exited, restarting it');
      await spawnOwn(port).catch((error: unknown) => log.error({ error }, 'devnet start failed, retrying'));
      await clock.sleep(RESPAWN_MS, stopping.signal);
    }
  }

  return {
    ...endpoint,
    remember: () => rememberGenesis(options.dataDir, endpoint.genesisHash),
    async stop() {
      stopping.abort();
      await watching;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.stdin?.end();
      await Promise.race([ended, clock.sleep(STOP_TIMEOUT_MS)]);
    },
  };
}

/**
 * A devnet that runs by itself, waited for while it starts. This process neither starts nor stops it.
 *
 * @throws {DevnetRefused} If nothing answers there.
 */
export async function attachToDevnet({
  url,
  clock,
}: {
  readonly url: string;
  readonly clock: Clock;
}): Promise<DevnetProcess> {
  const base = url.replace(/\/$/, '');
  const startedAt = clock.moment();
  for (;;) {
    const genesisHash = await genesisAt(base);
    const wsUrl = base.replace('http', 'ws');
    if (genesisHash) return { url: base, wsUrl, genesisHash, remember: () => {}, stop: async () => {} };
    if (msSince(clock, startedAt) > START_TIMEOUT_MS)
      throw new DevnetRefused(`no devnet answers at DEVNET_URL ${base}: start it with npm run devnet`);
    await clock.sleep(RESPAWN_MS);
  }
}

/** The endpoint if this DATA_DIR's devnet answers on the port; undefined if nothing does. */
async function findRunning({ dataDir, port }: DevnetOptions): Promise<Endpoint | undefined> {
  const url = `http://127.0.0.1:${port}`;
  const genesisHash = await genesisAt(url);
  if (!genesisHash) return undefined;
  if (genesisHash === rememberedGenesis(dataDir))
    return { url, wsUrl: url.replace('http', 'ws'), genesisHash };
  throw new DevnetRefused(
    `another chain (genesis ${genesisHash}) answers on port ${port}; stop it, or set DEVNET_PORT to a free port`,
  );
}

/** Undefined where nothing answers. */
const genesisAt = (url: string): Promise<string | undefined> =>
  readGenesisHash({ http, name: 'devnet', url, timeoutMs: GENESIS_TIMEOUT_MS }).catch(() => undefined);

const genesisFile = (dataDir: string): string => join(dataDir, 'devnet-genesis-hash');

/**
 * Undefined before the first start.
 * @throws {DevnetRefused} The file says nothing.
 */
function rememberedGenesis(dataDir: string): string | undefined {
  const path = genesisFile(dataDir);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const text = found.isFile() ? readFileSync(path, 'utf8').trim() : '';
  if (isHash(text)) return text;
  throw new DevnetRefused(
    `${path} holds no genesis hash: put a copy back, or remove it if ${join(dataDir, 'devnet')} is the ledger that this DATA_DIR trades on`,
  );
}

/** The file appears whole or not at all. */
function rememberGenesis(dataDir: string, genesisHash: string): void {
  const path = genesisFile(dataDir);
  if (existsSync(path)) return;
  writeFileSync(`${path}.draft`, `${genesisHash}\n`);
  renameSync(`${path}.draft`, path);
}

/**
 * A devnet without its ledger would make another chain in the place where the former one is to be put back.
 *
 * @throws {DevnetRefused}
 */
function requireLedger(dataDir: string): void {
  const expected = rememberedGenesis(dataDir);
  if (expected === undefined || hasLedger(join(dataDir, 'devnet'))) return;
  throw new DevnetRefused(
    `the ledger ${join(dataDir, 'devnet')} is missing, and ${genesisFile(dataDir)} says that this DATA_DIR trades on ${expected}: put the former ledger back, or use another DATA_DIR and an empty database`,
  );
}

const hasLedger = (directory: string): boolean =>
  existsSync(directory) && readdirSync(directory).some((name) => !name.startsWith('lock'));

/** The file is written once: what answers later cannot make its own chain the one that was traded on. */
const anotherLedger = (
  dataDir: string,
  { expected, genesisHash }: Record<'expected' | 'genesisHash', string>,
) =>
  `the ledger ${join(dataDir, 'devnet')} is the chain with genesis ${genesisHash}, and ${genesisFile(dataDir)} says that this DATA_DIR trades on ${expected}: put the former ledger back, or use another DATA_DIR and an empty database`;

/** The devnet of a process that was killed may take a moment to flush and let go of its ledger and ports. */
async function spawnPatiently(options: DevnetOptions): Promise<{ child: ChildProcess; endpoint: Endpoint }> {
  const { clock } = options;
  const startedAt = clock.moment();
  for (;;) {
    try {
      return await spawnDevnet(options);
    } catch (error) {
      if (!/in use/i.test((error as Error).message) || msSince(clock, startedAt) > START_TIMEOUT_MS)
        throw error;
      await clock.sleep(RESPAWN_MS);
    }
  }
}

async function spawnDevnet(options: DevnetOptions): Promise<{ child: ChildProcess; endpoint: Endpoint }> {
  const ledger = join(options.dataDir, 'devnet');
  const flags = {
    '--port': options.port,
    '--slot-ms': options.slotMs,
    '--seed': options.seed,
    '--market': options.market,
    '--ledger': ledger,
  };
  const main = join(dirname(createRequire(import.meta.url).resolve('@oee/devnet')), 'main.js');
  const child = spawn(
    process.execPath,
    [
      main,
      ...Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]),
      ...(options.allowUnlocked ? ['--allow-unlocked'] : []),
      '--exit-with-parent',
    ],
    { detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  child.stdin.on('error', () => {}); // The child may be gone before its pipe closes.
  return { child, endpoint: await readReady(child, options) };
}

/** Waits for the child's ready line; its standard error goes to the log. */
function readReady(child: ChildProcess, { log }: DevnetOptions): Promise<Endpoint> {
  const complaints: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (complaints.length < 20) complaints.push(line);
    log.debug({ line }, 'devnet output');
  });
  return new Promise((resolve, reject) => {
    const refuse = (why: string) => {
      clearTimeout(timer);
      reject(
        new DevnetRefused(`the devnet ${why}${complaints.length > 0 ? `: ${complaints.join(' ')}` : ''}`),
      );
    };
    const timer = setTimeout(() => {
      child.stdin?.end();
      refuse(`was not ready within ${START_TIMEOUT_MS / 1_000} s`);
    }, START_TIMEOUT_MS);
    child.once('error', (error) => refuse(`could not be started (${error.message})`));
    child.once('exit', (code) => refuse(`ended with code ${code} while starting`));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith('{"ready":true')) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(JSON.parse(line) as Endpoint);
    });
  });
}
