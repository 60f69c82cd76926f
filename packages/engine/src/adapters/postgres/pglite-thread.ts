import { Worker } from 'node:worker_threads';
import type { PGlite, PGliteOptions } from '@electric-sql/pglite';

/** What the thread is started with; everything in it can be sent to another thread. */
export interface ThreadOptions {
  readonly pglite: Pick<PGliteOptions, 'dataDir' | 'startParams'>;
  /** Start from this archive of an empty database; null where the directory already holds one. */
  readonly templateFile: string | null;
}

export interface ThreadRequest {
  readonly id: number;
  /** One whole request of the PostgreSQL protocol; null closes the database. */
  readonly request: Uint8Array | null;
}

/** Messages of the protocol as plain objects; an Error would lose its fields on the way between threads. */
export type ThreadAnswer =
  | { readonly id: number; readonly messages: readonly { readonly name: string }[] }
  | { readonly id: number; readonly failure: string };

/** The part of PGlite that its `pg` connection uses. */
type ConnectionSide = Pick<PGlite, 'waitReady' | 'execProtocolStream'>;

interface Pending {
  readonly resolve: (messages: readonly { readonly name: string }[]) => void;
  readonly reject: (error: Error) => void;
}

/** The two messages of the PostgreSQL protocol that end a request: Query and Sync. */
const REQUEST_ENDS = new Set(['Q', 'S'].map((letter) => letter.charCodeAt(0)));

// Node 20 runs no TypeScript, so a thread started from the sources runs the build beside them.
const THREAD_FILE = new URL('./pglite-thread-main.js', import.meta.url.replace('/src/', '/dist/'));

/**
 * PGlite in a thread of its own. It computes while it answers: in the main thread it would hold up every socket, and
 * nothing could gather for the next commit meanwhile.
 *
 * Requests are handed over whole. Message by message, as the connection sends them, a prepared statement that fails (a
 * unique index, say) leaves `pg` one answer behind, and later queries get the rows of others.
 */
export async function startPgliteThread(
  options: ThreadOptions,
): Promise<{ readonly db: PGlite; close(): Promise<void> }> {
  const thread = new Worker(THREAD_FILE, { workerData: options, execArgv: [] });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let held: Uint8Array[] = [];
  let gone: Error | undefined;

  const fail = (error: Error): void => {
    gone = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the database thread has ended')));
  thread.on('message', (answer: ThreadAnswer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ('failure' in answer) waiting?.reject(new Error(answer.failure));
    else waiting?.resolve(answer.messages);
  });

  function ask(request: Uint8Array | null): Promise<readonly { readonly name: string }[]> {
    if (gone) return Promise.reject(gone);
    lastId += 1;
    const id = lastId;
    thread.postMessage({ id, request } satisfies ThreadRequest);
    return new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
  }

  try {
    await ask(new Uint8Array()); // Answered when the database is open.
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  const connectionSide: ConnectionSide = {
    waitReady: Promise.resolve(),
    execProtocolStream: async (message) => {
      held.push(message);
      if (!REQUEST_ENDS.has(message[0] ?? 0)) return [];
      const request = new Uint8Array(Buffer.concat(held));
      held = [];
      const messages = await ask(request);
      return messages.map(toMessage) as Awaited<ReturnType<ConnectionSide['execProtocolStream']>>;
    },
  };
  return {
    db: connectionSide as PGlite,
    async close() {
      if (!gone) await ask(null);
      await thread.terminate();
    },
  };
}

/** `pg` throws what an error message is, so it has to be an Error again. */
const toMessage = (message: { readonly name: string }): unknown =>
  message.name === 'error' ? Object.assign(new Error(), message) : message;
