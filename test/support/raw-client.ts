import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection to which a test writes every byte. */
export interface RawClient {
  readonly socket: Socket;
  /** The text received so far. */
  text(): string;
  /** Resolves when the server has closed the connection: with the error code, or null for an orderly end. */
  readonly ended: Promise<string | null>;
}

export async function openRaw(url: string, first = ''): Promise<RawClient> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let received = '';
  let error: string | null = null;
  socket.on('data', (chunk: Buffer) => (received += chunk));
  socket.on('error', (problem: NodeJS.ErrnoException) => (error = problem.code ?? problem.message));
  const ended = once(socket, 'close').then(() => error);
  await once(socket, 'connect');
  if (first) socket.write(first);
  return { socket, text: () => received, ended };
}

/** Lines of a request, with the empty one behind its headers. */
export const lines = (...text: readonly string[]): string => `${[...text, '', ''].join('\r\n')}`;

/** A request to become a WebSocket. */
export const upgrade = (path: string, ...headers: readonly string[]): string =>
  lines(
    `GET ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  );
