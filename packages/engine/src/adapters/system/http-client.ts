import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { StringDecoder } from 'node:string_decoder';
import { urlToHttpOptions } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type HttpAnswer, type HttpClient, HttpFailure, type HttpRequest } from '../../ports/http-client.ts';

/** An idle connection is closed after this, before most servers and network devices forget it. */
const IDLE_MS = 15_000;
/** What the system says of a connection that the server has closed. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);

const unpack = promisify(gunzip);

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/**
 * HTTP and HTTPS over connections that stay open between requests. Made of `node:http`, because the platform's `fetch` takes
 * five to seven times the processor time per request (docs/decisions/0177-nodes-are-asked-over-node-http-in-batches.md).
 */
export function createHttpClient(): HttpClient {
  const pool = { keepAlive: true, timeout: IDLE_MS };
  const agents = { http: new HttpAgent(pool), https: new HttpsAgent(pool) };
  return (request) => exchange(request, agents);
}

function exchange(request: HttpRequest, agents: Agents): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { timeoutMs, signal, body } = request;
    let current: ClientRequest | undefined;
    let isOver = false;
    const end = (): boolean => {
      if (isOver) return false;
      isOver = true;
      clearTimeout(deadline);
      signal?.removeEventListener('abort', abort);
      return true;
    };
    const fail = (error: HttpFailure): void => {
      if (!end()) return;
      reject(error);
      current?.destroy();
    };
    const abort = () => fail(new HttpFailure('timeout', 'called off'));
    const deadline = setTimeout(
      () => fail(new HttpFailure('timeout', `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );

    function send(from: Agents | null): void {
      const sent = open(request, from);
      current = sent;
      const hasNoAnswer = countAnswered(sent);
      sent.on('response', (response) => {
        readBody(response, request.maxBytes).then((text) => {
          if (end()) resolve(toAnswer(response, text));
        }, fail);
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = from !== null && sent.reusedSocket && CLOSED.has(error.code) && hasNoAnswer();
        if (isStale && !isOver) send(null);
        else if (!isOver) fail(unreachable(error));
      });
      sent.end(body);
    }

    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    try {
      send(agents);
    } catch (error) {
      fail(unreachable(error as Error)); // Not a request that can be made, for instance of another protocol.
    }
  });
}

/** @param from Null: over a new connection for this request alone. */
function open({ url, method, headers, body }: HttpRequest, from: Agents | null): ClientRequest {
  const isSecure = url.protocol === 'https:';
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return (isSecure ? requestHttps : requestHttp)({
    ...urlToHttpOptions(url),
    method,
    headers: { ...headers, ...length },
    agent: from === null ? false : isSecure ? from.https : from.http,
  });
}

/** Whether no byte of an answer has come on the connection since the request has it. */
function countAnswered(sent: ClientRequest): () => boolean {
  let bytesBefore = 0;
  sent.once('socket', (socket) => {
    bytesBefore = socket.bytesRead;
  });
  return () => (sent.socket?.bytesRead ?? 0) === bytesBefore;
}

/** @throws {HttpFailure} It is longer than allowed, or ends too early; the rest of it is not read. */
async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks = await readChunks(response, maxBytes);
  if (response.headers['content-encoding'] !== 'gzip') return toText(chunks);
  const unpacked = await unpack(Buffer.concat(chunks), { maxOutputLength: maxBytes }).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.code === 'ERR_BUFFER_TOO_LARGE' ? tooLong(maxBytes) : unreachable(error);
    },
  );
  return unpacked.toString('utf8');
}

function readChunks(response: IncomingMessage, maxBytes: number): Promise<readonly Buffer[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) reject(tooLong(maxBytes));
      else chunks.push(chunk);
    });
    response.on('end', () => resolve(chunks));
    response.on('error', (error) => reject(unreachable(error)));
  });
}

/** Joins texts, since a joined buffer of a long answer would be as much garbage again. */
function toText(chunks: readonly Buffer[]): string {
  const decoder = new StringDecoder('utf8');
  return chunks.map((chunk) => decoder.write(chunk)).join('') + decoder.end();
}

const toAnswer = ({ statusCode, headers }: IncomingMessage, body: string): HttpAnswer => ({
  status: statusCode ?? 0,
  header(name) {
    const value = headers[name];
    return value === undefined ? null : String(value);
  },
  body,
});

const tooLong = (maxBytes: number) =>
  new HttpFailure('tooLong', `the answer is longer than ${maxBytes} bytes`);

const unreachable = (cause: Error) => new HttpFailure('unreachable', cause.message, { cause });
