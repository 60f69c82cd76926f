import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';

/** A Redis server of one test's own, on a port and with a password of its own; ended by the test. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** The running process; another one after a restart. */
  pid(): number;
  /** As SIGKILL: what it held is gone. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Sends one command over a connection of its own. */
  command(name: string, ...args: string[]): Promise<unknown>;
  close(): Promise<void>;
}

export async function startRedisServer(programPath: string): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'oee-redis-'));
  const port = await freePort();
  const password = randomUUID();
  const url = `redis://:${password}@127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(
      programPath,
      [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--dir',
        directory,
        '--requirepass',
        password,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    for await (const line of createInterface({ input: child.stdout! }))
      if (/Ready to accept connections/i.test(line)) break;
    child.stdout!.resume();
    if (child.exitCode !== null) throw new Error('redis-server did not start');
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async function command(name: string, ...args: string[]): Promise<unknown> {
    const redis = new Redis(url);
    try {
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  }

  await start();
  return {
    url,
    port,
    pid: () => child!.pid!,
    kill,
    start,
    command,
    async close() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
