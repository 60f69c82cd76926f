import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './engine-process.ts';

/**
 * A PostgreSQL server for one test, on a separate port; it is slower and safer than a shared one. Its password is
 * unique, so that another test's client is refused here, and this test is refused if another server has the port.
 */
export interface PostgresServer {
  /** Of an empty database. */
  readonly url: string;
  /** Ends the server as a crash does: connections are not closed. */
  kill(): void;
  start(): void;
  close(): void;
}

/** @param programPath The `postgres` program; its neighbors are used too. */
export async function startPostgresServer(programPath: string): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'oee-postgres-'));
  const data = join(directory, 'data');
  const port = await freePort();
  const password = randomUUID();
  const passwordFile = join(directory, 'password');
  mkdirSync(data);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (isRoot()) {
    // PostgreSQL refuses to run as root.
    chmodSync(directory, 0o711);
    for (const path of [data, passwordFile]) chownSync(path, idOf('-u'), idOf('-g'));
  }
  const program = (name: string) => join(dirname(programPath), name);
  const control = (...args: string[]) => asServerUser(program('pg_ctl'), ['-D', data, '-w', ...args]);
  const start = (): void =>
    control(
      '-l',
      join(data, 'server.log'),
      '-o',
      `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${data}`,
      'start',
    );
  const kill = (): void => control('-m', 'immediate', 'stop');

  const access = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  asServerUser(program('initdb'), ['-D', data, '-U', 'postgres', '--encoding=UTF8', ...access]);
  start();
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    kill,
    start,
    close() {
      try {
        kill();
      } catch {
        // The server was down already.
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const isRoot = (): boolean => process.getuid?.() === 0;

const idOf = (flag: '-u' | '-g'): number =>
  Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));

function asServerUser(program: string, args: readonly string[]): void {
  const [command, all] = isRoot()
    ? ['runuser', ['-u', 'postgres', '--', program, ...args]]
    : [program, [...args]];
  execFileSync(command as string, all as string[], { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
}
