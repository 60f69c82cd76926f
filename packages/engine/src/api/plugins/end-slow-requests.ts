import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import { type ProblemCode, toProblem } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import type { Deadlines } from '../deadlines.ts';

/** Deadlines of a connection, milliseconds, as Node.js and Fastify call them. */
export const connectionDeadlines = ({ requestMs }: Deadlines) => ({
  /** From the beginning of a request, or of its connection, to the end of its headers. */
  headersTimeout: Math.ceil((requestMs * 2) / 3),
  /** To the end of its body. */
  requestTimeout: requestMs,
  /** Nothing read and nothing written. Longer than any request waits for its answer. */
  connectionTimeout: 60_000,
  /** Between two requests. Longer than proxies keep idle connections, which would meet a closing one. */
  keepAliveTimeout: 65_000,
});
/** How often requests are compared with their deadlines. */
export const LOOK_EVERY_MS = 1_000;

/** The client already has its answer but is still sending the request. */
const LINGER_MS = 5_000;

/** Closes the connection of a request whose body does not arrive after its answer was sent. */
export function endAnsweredRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, _reply, done) => {
    const { raw, ws } = request;
    // A request that was made inside the process has no connection.
    if (!raw.complete && !ws && raw.socket instanceof Socket)
      setTimeout(() => {
        if (!raw.complete) raw.socket.destroy();
      }, LINGER_MS).unref();
    done();
  });
}

const CODES: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/** Answers malformed or late (408) requests and closes their connection. Fastify's `clientErrorHandler`. */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { requestId, deadlines }: { readonly requestId: string; readonly deadlines: Deadlines },
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { _httpMessage } = socket as { _httpMessage?: { headersSent: boolean } | null };
  if (!socket.writable || _httpMessage?.headersSent) return void socket.destroy(); // In the middle of an answer.
  const problem = toProblem(CODES[error.code ?? ''] ?? 'invalid_request', {
    detail: detailOf(error, deadlines),
    requestId,
  });
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `x-request-id: ${requestId}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function detailOf({ code }: NodeJS.ErrnoException, deadlines: Deadlines): string {
  if (code === 'HPE_HEADER_OVERFLOW') return 'The headers are longer than 16 KiB.';
  if (code !== 'ERR_HTTP_REQUEST_TIMEOUT') return 'What was sent is not HTTP.';
  const { headersTimeout, requestTimeout } = connectionDeadlines(deadlines);
  return `Headers must be there within ${headersTimeout / 1_000} s, the body within ${requestTimeout / 1_000} s.`;
}
