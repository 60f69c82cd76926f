import type { Logger } from '../ports/logger.ts';

type Cleanup = () => Promise<void>;

/** Stops the parts of a process, in the reverse of the order in which they were started. */
export interface Cleanups {
  add(cleanup: Cleanup): void;
  /** Starts a background loop, which ends with the other parts. */
  keepRunning(run: (signal: AbortSignal) => Promise<void>): void;
  /** Logs a part that fails to stop, and goes on with the next one. */
  runAll(): Promise<void>;
}

export function createCleanups(log: Logger): Cleanups {
  const cleanups: Cleanup[] = [];
  return {
    add: (cleanup) => void cleanups.push(cleanup),
    keepRunning: (run) => void cleanups.push(startLoop(run)),
    async runAll() {
      for (const cleanup of cleanups.splice(0).reverse())
        await cleanup().catch((error: unknown) => log.error({ error }, 'component stop failed'));
    },
  };
}

function startLoop(run: (signal: AbortSignal) => Promise<void>): Cleanup {
  const ending = new AbortController();
  const ended = run(ending.signal);
  return async () => {
    ending.abort();
    await ended;
  };
}
