import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { CLOSE } from '../close-codes.ts';
import type { Deadlines } from '../deadlines.ts';
import type { Draining } from '../plugins/drain.ts';
import { hasKey } from '../plugins/guard.ts';
import { sendProblem } from '../problems.ts';
import { toRoutePath } from '../route-path.ts';
import { pushesTo } from './push.ts';

export interface SocketOptions {
  readonly apiKey?: string;
  readonly draining: Draining;
  readonly deadlines: Pick<Deadlines, 'stallMs' | 'overMs'>;
}

/** A path for sockets only; checks the key. Answers a request without an upgrade with `upgrade_required`. */
export function serveSocket<R extends FastifyRequest>(
  app: FastifyInstance,
  path: string,
  options: SocketOptions,
  open: (socket: WebSocket, request: R) => void,
): void {
  app.route({
    method: 'GET',
    url: toRoutePath(path),
    handler: (request, reply) => sendProblem(request, reply, 'upgrade_required'),
    preHandler: async (request, reply) => {
      if (request.ws) responses.set(request.raw, reply.raw);
    },
    wsHandler: (socket, request) => {
      forgetRequest(socket, request.raw);
      if (options.apiKey && !hasKey(request, options.apiKey))
        return socket.close(CLOSE.unauthorized, 'key is missing or wrong');
      if (options.draining.isUnderWay()) return socket.close(CLOSE.restart, 'the engine is stopping');
      pushesTo(socket, request.raw.socket, options.deadlines.stallMs);
      open(socket, request as R);
    },
  });
}

/** Responses of upgrades in progress. */
const responses = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * Releases the upgrade's request and response. Otherwise each open socket would keep them with all their headers, a third of
 * its memory.
 */
function forgetRequest(socket: WebSocket, request: IncomingMessage): void {
  responses.get(request)?.detachSocket(request.socket);
  socket.removeAllListeners('error'); // The plugin's, which knows the request.
  socket.on('error', terminate);
}

function terminate(this: WebSocket): void {
  this.terminate();
}
