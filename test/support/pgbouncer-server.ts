import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from './end-with-us.ts';
import { freePort } from './engine-process.ts';

/** A connection pooler for one test, in transaction mode, in front of any database of a server. */
export interface PgbouncerServer {
  /**
   * The same database's address through the pooler. It names the pooler in its parameters unless `announced` is false.
   */
  addressOf(databaseUrl: string, options?: { readonly announced: boolean }): string;
  close(): Promise<void>;
}

/** @param serverUrl Of any database of the server; user and password are used for all. */
export async function startPgbouncerServer(programPath: string, serverUrl: string): Promise<PgbouncerServer> {
  const { hostname, port: serverPort, username, password } = new URL(serverUrl);
  const directory = mkdtempSync(join(tmpdir(), 'oee-pgbouncer-'));
  const port = await freePort();
  const file = join(directory, 'pgbouncer.ini');
  const login = `user=${decodeURIComponent(username)}${password && ` password=${decodeURIComponent(password)}`}`;
  // Two connections for all clients, so that clients reuse each other's sessions.
  writeFileSync(
    file,
    `[databases]
* = host=${hostname} port=${serverPort || 5432} ${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
`,
  );
  chmodSync(directory, 0o755);
  const asRoot = process.getuid?.() === 0; // PgBouncer refuses to run as root.
  const child = spawn(programPath, [...(asRoot ? ['-u', 'postgres'] : []), file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  endWithUs(child);
  for await (const line of createInterface({ input: child.stderr })) if (/process up/.test(line)) break;
  child.stderr.resume();
  if (child.exitCode !== null) throw new Error('pgbouncer did not start');
  return {
    addressOf(databaseUrl, { announced } = { announced: true }) {
      const url = new URL(databaseUrl);
      url.host = `127.0.0.1:${port}`;
      if (announced) url.searchParams.set('pgbouncer', 'true');
      return url.href;
    },
    async close() {
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
