import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CLOSE } from '../close-codes.ts';
import type { Deadlines } from '../deadlines.ts';
import type { Draining } from '../plugins/drain.ts';
import { hasKey } from '../plugins/guard.ts';
import { sendProblem } from '../problems.ts';
import { toRoutePath } from '../route-path.ts';
import { releaseRequest, releaseResponse } from './release-request.ts';
import { createStreamClient, type StreamClient } from './stream-client.ts';

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
  open: (client: StreamClient, request: R) => void,
): void {
  app.route({
    method: 'GET',
    url: toRoutePath(path),
    handler: (request, reply) => sendProblem(request, reply, 'upgrade_required'),
    preHandler: async (request, reply) => releaseResponse(request, reply),
    wsHandler: (socket, request) => {
      releaseRequest(socket);
      if (options.apiKey && !hasKey(request, options.apiKey))
        return socket.close(CLOSE.unauthorized, 'key is missing or wrong');
      if (options.draining.isUnderWay()) return socket.close(CLOSE.restart, 'the engine is stopping');
      open(createStreamClient(socket, request.raw.socket, options.deadlines.stallMs), request as R);
    },
  });
}
