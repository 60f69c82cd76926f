import type { Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { CLOSE } from '../close-codes.ts';

/** Timeout for open requests and streams when the process stops; then their connections are cut. */
const FINISH_WITHIN_MS = 10_000;
/** Timeout for a connection on which the client has sent nothing. */
const SPEAK_WITHIN_MS = 1_000;
/** Turns of the event loop without a new connection after which the kernel holds none that is not accepted. */
const QUIET_TURNS = 3;
const MAX_TURNS = 1_000;

/** Notifies handlers that hold a connection open, for a stream or a wait, when the process is about to stop. */
export interface Draining {
  isUnderWay(): boolean;
  /** Calls `release` once when draining begins. Returns a function that unsubscribes. */
  onStart(release: () => void): () => void;
}

/**
 * Makes `app.close()` orderly. First `/readyz` fails for `noticeMs` while the process still serves everything: a load balancer
 * that checks in that time sends no more requests. From then on each answer closes its connection. Then streams end (1012),
 * waiting requests get their answers, the port closes, and connections close when they are idle or have their answer.
 */
export function drainAtClose(app: FastifyInstance, noticeMs: number): Draining {
  const held = new Set<() => void>();
  const connections = new Set<Socket>();
  let accepted = 0;
  let underWay = false;
  app.server.on('connection', (socket) => {
    accepted += 1;
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (underWay) reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('preClose', async () => {
    underWay = true;
    if (!app.server.listening) return;
    await sleep(noticeMs);
    await untilAllAreAccepted();
    for (const release of held) release();
    for (const socket of app.websocketServer.clients) socket.close(CLOSE.restart, 'the engine is stopping');
    setTimeout(() => {
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    }, SPEAK_WITHIN_MS).unref();
    setTimeout(() => {
      for (const socket of app.websocketServer.clients) socket.terminate();
      app.server.closeAllConnections();
    }, FINISH_WITHIN_MS).unref();
  });

  /** A busy process is behind its kernel: a connection that is not accepted when the port closes is reset. */
  async function untilAllAreAccepted(): Promise<void> {
    let quiet = 0;
    for (let turns = 0; quiet < QUIET_TURNS && turns < MAX_TURNS; turns += 1) {
      const before = accepted;
      await turn();
      quiet = accepted === before ? quiet + 1 : 0;
    }
  }

  return {
    isUnderWay: () => underWay,
    onStart(release) {
      held.add(release);
      return () => held.delete(release);
    },
  };
}
