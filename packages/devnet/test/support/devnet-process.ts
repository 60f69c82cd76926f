import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface DevnetProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly url: string;
  readonly wsUrl: string;
  readonly genesisHash: string;
  readonly slot: number;
  /** Ends it without warning, as a crash does. */
  kill(): Promise<void>;
  /** Closes its standard input and waits for its exit code. */
  closeInput(): Promise<number | null>;
}

/** Starts the built devnet as a process of its own, on a free port. */
export async function spawnDevnet(args: readonly string[]): Promise<DevnetProcess> {
  const child = spawnMain(['--port', '0', ...args]);
  const lines = createInterface({ input: child.stdout });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the devnet ended with ${code} before it was ready: ${errors}`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), exited])) as [string];
  exited.catch(() => {}); // It was only of interest until now.
  const { url, wsUrl, genesisHash, slot } = JSON.parse(line);
  return {
    child,
    url,
    wsUrl,
    genesisHash,
    slot,
    async kill() {
      child.kill('SIGKILL');
      await ended(child);
    },
    closeInput() {
      child.stdin.end();
      return ended(child);
    },
  };
}

/** Runs the built devnet to its end: for flags that it refuses. */
export async function runMain(args: readonly string[]) {
  const child = spawnMain(args);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode: exitCode as number | null, stdout, stderr };
}

function spawnMain(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' });
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
