import { Worker } from 'node:worker_threads';
import type { PGliteOptions } from '@electric-sql/pglite';

/** What the thread is started with; everything in it can be sent to another thread. */
export interface ThreadOptions {
  readonly pglite: Pick<PGliteOptions, 'dataDir' | 'startParams'>;
  /** Start from this archive of an empty database; null where the directory already holds one. */
  readonly templateFile: string | null;
}

export interface ThreadRequest {
  readonly id: number;
  /** One or more whole requests of the PostgreSQL protocol; null closes the database. */
  readonly request: Uint8Array | null;
}

export type ThreadAnswer =
  | { readonly id: number; readonly response: Uint8Array }
  | { readonly id: number; readonly failure: string };

/** The embedded database failed, or is not open now. What was asked may have been committed. */
export class EmbeddedDatabaseDown extends Error {
  override name = 'EmbeddedDatabaseDown';
  /** SQLSTATE crash_shutdown. */
  readonly code = '57P02';
}

/** The database on the other side of the thread's wall. */
export interface PgliteThread {
  /**
   * Whole requests of the PostgreSQL protocol, for their whole answers.
   * @throws {EmbeddedDatabaseDown} It cannot be asked any more.
   */
  ask(request: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
  /** Ends at once and writes nothing more. */
  abandon(): Promise<void>;
}

interface Pending {
  readonly resolve: (response: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

// Node 20 runs no TypeScript, so a thread started from the sources runs the build beside them.
const THREAD_FILE = new URL('./pglite-thread-main.js', import.meta.url.replace('/src/', '/dist/'));

/**
 * PGlite in a thread of its own. It computes while it answers: in the main thread it would hold up every socket, and
 * nothing could gather for the next commit meanwhile. Requests and answers are bytes, which are handed over between
 * threads instead of being copied.
 */
export async function startPgliteThread(options: ThreadOptions): Promise<PgliteThread> {
  const thread = new Worker(THREAD_FILE, { workerData: options, execArgv: [] });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let gone: Error | undefined;

  const fail = (cause: Error): void => {
    const error = new EmbeddedDatabaseDown(cause.message, { cause });
    gone ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the database thread has ended')));
  thread.on('message', (answer: ThreadAnswer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if (!('failure' in answer)) return waiting?.resolve(answer.response);
    fail(new Error(answer.failure));
    waiting?.reject(gone as Error);
  });

  function send(request: Uint8Array | null): Promise<Uint8Array> {
    if (gone) return Promise.reject(gone);
    lastId += 1;
    const id = lastId;
    thread.postMessage(
      { id, request } satisfies ThreadRequest,
      request ? [request.buffer as ArrayBuffer] : [],
    );
    return new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
  }

  try {
    await send(new Uint8Array()); // Answered when the database is open.
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  return {
    ask: (request) => send(Uint8Array.from(request)), // A copy: what is handed over is lost to its owner.
    async close() {
      if (!gone) await send(null);
      await thread.terminate();
    },
    async abandon() {
      await thread.terminate();
    },
  };
}
