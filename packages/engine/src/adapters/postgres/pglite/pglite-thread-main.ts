// The thread that holds PGlite: see pglite-thread.ts.
import { openAsBlob } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { machineFault } from '../machine-fault.ts';
import { askPglite } from './ask-pglite.ts';
import type { ThreadAnswer, ThreadOptions, ThreadRequest } from './pglite-thread.ts';

const { pglite, templateFile } = workerData as ThreadOptions;
const opening = openAsBlobIfAny(templateFile).then((loadDataDir) =>
  PGlite.create({ ...pglite, ...(loadDataDir && { loadDataDir }) }),
);

let last: Promise<void> = Promise.resolve();

// One after another, in the order in which they came.
parentPort?.on('message', ({ id, request }: ThreadRequest) => {
  last = last.then(async () => {
    const given = await answer(id, request);
    parentPort?.postMessage(given, 'response' in given ? [given.response.buffer as ArrayBuffer] : []);
  });
});

async function answer(id: number, request: Uint8Array | null): Promise<ThreadAnswer> {
  try {
    const db = await opening;
    if (request === null) await db.close();
    if (request === null || request.length === 0) return { id, response: new Uint8Array() };
    const response = await askPglite(db, request);
    const failure = machineFault(response);
    return failure === null ? { id, response } : { id, failure };
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function openAsBlobIfAny(file: string | null): Promise<Blob | undefined> {
  return file === null ? undefined : openAsBlob(file);
}
