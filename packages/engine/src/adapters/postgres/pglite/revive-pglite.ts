import type { Logger } from '../../../ports/logger.ts';
import { EmbeddedDatabaseDown, type PgliteThread } from './pglite-thread.ts';

/** How long a failed opening is followed by another. */
const PAUSE_MS = 500;

export interface Revival {
  /** Opens the database again, in a new thread. May reject: it is repeated. */
  readonly open: () => Promise<PgliteThread>;
  readonly log?: Logger | undefined;
}

/**
 * A database thread that is replaced when it fails. Inside it runs one PostgreSQL session without a postmaster. A server
 * would end the session or restart; here nothing does, and every later request would meet the damage that a failure of
 * the machine (no descriptor, no space) left. So the engine ends the thread and opens its directory again. That recovers
 * all commits, as after a crash of the process.
 *
 * Until it is open requests fail, at once. One in the middle may have been committed, or not.
 */
export function reviveOnFailure(first: PgliteThread, { open, log }: Revival): PgliteThread {
  let thread: PgliteThread | undefined = first;
  let isClosed = false;
  let reviving: Promise<void> = Promise.resolve();

  async function ask(request: Uint8Array): Promise<Uint8Array> {
    const asked = thread;
    if (!asked) throw new EmbeddedDatabaseDown('the embedded database is being opened again');
    try {
      return await asked.ask(request);
    } catch (error) {
      if (asked === thread && !isClosed) {
        thread = undefined;
        log?.error({ error }, 'embedded database failed, opening it again');
        reviving = revive(asked);
      }
      throw error;
    }
  }

  async function revive(failed: PgliteThread): Promise<void> {
    await failed.abandon(); // Its files are closed then: two sessions never have them open.
    for (let tries = 1; !isClosed; tries += 1) {
      try {
        thread = await open();
        log?.warn({ tries }, 'embedded database open again');
        return;
      } catch (error) {
        log?.warn({ error, tries }, 'embedded database could not be opened');
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  return {
    ask,
    async abandon() {
      isClosed = true;
      await reviving;
      await thread?.abandon();
    },
    async close() {
      isClosed = true;
      await reviving;
      await thread?.close();
    },
  };
}
