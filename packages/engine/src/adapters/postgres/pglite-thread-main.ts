// The thread that holds PGlite: see pglite-thread.ts.
import { openAsBlob } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { ThreadAnswer, ThreadOptions, ThreadRequest } from './pglite-thread.ts';

const { pglite, templateFile } = workerData as ThreadOptions;
const opening = openAsBlobIfAny(templateFile).then((loadDataDir) =>
  PGlite.create({ ...pglite, ...(loadDataDir && { loadDataDir }) }),
);

parentPort?.on('message', async ({ id, request }: ThreadRequest) => {
  parentPort?.postMessage(await answer(id, request));
});

async function answer(id: number, request: Uint8Array | null): Promise<ThreadAnswer> {
  try {
    const db = await opening;
    if (request === null) await db.close();
    if (request === null || request.length === 0) return { id, messages: [] };
    const messages = await db.execProtocolStream(request, { throwOnError: false });
    return { id, messages: messages.map(toPlain) };
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** The message of an Error is no own, enumerable field of it. */
const toPlain = (message: { readonly name: string }): { readonly name: string; readonly message?: string } =>
  message instanceof Error ? { ...message, name: message.name, message: message.message } : message;

async function openAsBlobIfAny(file: string | null): Promise<Blob | undefined> {
  return file === null ? undefined : openAsBlob(file);
}
