import { Socket } from 'node:net';
import { type ProblemCode, toProblem } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';

/**
 * Deadlines of a connection, milliseconds. A request that is not there in time is answered 408; whoever takes none of an
 * answer for so long is cut off.
 */
export const DEADLINES = {
  /** From the beginning of a request, or of its connection, to the end of its headers. */
  headersTimeout: 20_000,
  /** To the end of its body. */
  requestTimeout: 30_000,
  /** Nothing read and nothing written. Longer than any request waits for its answer. */
  connectionTimeout: 60_000,
  /** Between two requests. Longer than proxies keep idle connections, which would meet a closing one. */
  keepAliveTimeout: 65_000,
};
/** How often requests are compared with their deadlines. */
export const LOOK_EVERY_MS = 1_000;

/** A client has its answer, but is still sending what it was the answer to. */
const LINGER_MS = 5_000;

/** Closes the connection of a request that is answered before its body is there, and whose body then does not come. */
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

/** Answers what is no request, or is none in time, and closes its connection. Fastify's `clientErrorHandler`. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { _httpMessage } = socket as { _httpMessage?: { headersSent: boolean } | null };
  if (!socket.writable || _httpMessage?.headersSent) return void socket.destroy(); // In the middle of an answer.
  const problem = toProblem(CODES[error.code ?? ''] ?? 'invalid_request', {
    detail: DETAILS[error.code ?? ''] ?? 'What was sent is not HTTP.',
    requestId,
  });
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_TEXT[problem.status]}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `x-request-id: ${requestId}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const DETAILS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: `Headers must be there within ${DEADLINES.headersTimeout / 1_000} s, the body within ${DEADLINES.requestTimeout / 1_000} s.`,
  HPE_HEADER_OVERFLOW: 'The headers are longer than 16 KiB.',
};
const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
