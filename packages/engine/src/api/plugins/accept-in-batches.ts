import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '../../ports/logger.ts';

/** A listening socket as Node.js has it inside a server. */
interface Listener {
  onconnection?: (status: number, connection: unknown) => void;
  listen(backlog: number): number;
  close(): void;
}

/** Connections that one turn of the event loop takes from the kernel. */
const PER_TURN = 32;
/** Sends a handle back the requested number of times, each time as a new descriptor of the same socket. */
const ECHO =
  "process.on('message', (times, handle) => { for (let i = 0; i < times; i += 1) process.send(i, handle); })";

/**
 * Lets one turn of the event loop accept many connections. Node.js accepts one connection per turn and listening descriptor, so
 * in a busy process with long turns connections wait for minutes, health checks too. This gives the port more descriptors: a
 * child process receives a descriptor and sends it back as a copy, since Node.js has no call that copies it.
 * Without the copies, and until they exist, the port works as usual.
 */
export function acceptInBatches(app: FastifyInstance, options: { backlog: number; log: Logger }): void {
  const { server } = app;
  const copies: Listener[] = [];
  let child: ChildProcess | undefined;
  let childIsGone: Promise<unknown> = Promise.resolve();
  let isOver = false;

  server.once('listening', () => {
    const listener = listenerOf(server);
    if (typeof listener?.onconnection !== 'function') return;
    child = spawn(process.execPath, ['-e', ECHO], { env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    childIsGone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]).catch(() => {});
    child.on('error', (error) => options.log.warn({ error }, 'connection batching unavailable'));
    child.on('message', (_index, copy) => take(copy as unknown as Listener));
    child.send(PER_TURN - 1, listener as unknown as SendHandle, () => {});
  });
  // Registered last, so what waits in the kernel has been accepted by then; `close` closes the descriptor that is left.
  app.addHook('preClose', async () => {
    isOver = true;
    for (const copy of copies.splice(0)) copy.close();
    child?.kill('SIGKILL');
    await childIsGone; // It has the socket open too, and so has a copy on its way.
  });

  function take(copy: Listener): void {
    if (isOver) {
      copy.close();
      return;
    }
    // Treated like the server's own connections: one count, one limit, one shutdown.
    copy.onconnection = (status, connection) => listenerOf(server)?.onconnection?.(status, connection);
    copy.listen(options.backlog);
    copies.push(copy);
    if (copies.length === PER_TURN - 1) child?.disconnect();
  }
}

const listenerOf = (server: Server): Listener | null =>
  (server as unknown as { _handle: Listener | null })._handle;
