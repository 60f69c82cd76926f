import type { IncomingMessage, ServerResponse } from 'node:http';
import { ADMIN_ROUTES, unknownPath } from '../admin/admin-routes.ts';
import type { CallFate } from '../faults/node-faults.ts';
import { answerSwapApi, isSwapApi } from '../jupiter/swap-api.ts';
import type { DevnetNode } from '../node.ts';
import { badBody, Problem } from '../problem.ts';
import { toJson } from '../rpc/json.ts';
import { answerRpc, fateOf, parseRpc } from '../rpc/rpc-server.ts';
import { endAnswered } from './deadlines.ts';
import { foreignRequest } from './loopback-guard.ts';
import { nodeAt, targetOf } from './node-paths.ts';
import { readBody } from './read-body.ts';
import { STATUS_PAGE, STATUS_PAGE_POLICY } from './status-page.ts';

/** As Agave: bodies of JSON-RPC above this are refused with 413. */
const MAX_RPC_BYTES = 50 * 1024;
const MAX_ADMIN_BYTES = 256 * 1024;
/** Longer answers are sent as bytes: of a text, Node makes another copy to count its bytes and one to send them. */
const MAX_TEXT_CHARACTERS = 16 * 1024;
/** How long a request without an answer keeps its connection open, if the client does not close it. */
const LONGEST_SILENCE_MS = 120_000;

interface HandlerOptions {
  readonly isLoopback: boolean;
  readonly ownNode: number;
}

/** Answers HTTP: JSON-RPC at `POST /` and `POST /node/N`, `GET /health`, the swap API and the admin API. */
/** @param options.ownNode The node that `/` is on this port. */
export function createHttpHandler(node: DevnetNode, options: HandlerOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    response.once('finish', () => endAnswered(request));
    answer(node, request, response, options).catch((error: unknown) => sendError(response, error));
  };
}

async function answer(
  node: DevnetNode,
  request: IncomingMessage,
  response: ServerResponse,
  { isLoopback, ownNode }: HandlerOptions,
): Promise<void> {
  const foreign = isLoopback ? foreignRequest(request) : null;
  if (foreign !== null) throw forbidden(foreign);
  if (request.headers.origin !== undefined) allowOrigin(response, request.headers.origin);
  const { method = 'GET' } = request;
  if (method === 'OPTIONS') return send(response, 204, '');
  const target = targetOf(request);
  if (target === null) throw unknownPath(method, request.url ?? '');
  const { pathname, searchParams } = target;
  const nodeNumber = nodeAt(pathname, ownNode);
  if (method === 'POST' && nodeNumber !== null) return answerPost(node, nodeNumber, request, response);
  if (method === 'GET' && pathname === '/') {
    response.setHeader('content-security-policy', STATUS_PAGE_POLICY);
    return send(response, 200, STATUS_PAGE, 'text/html; charset=utf-8');
  }
  if (method === 'GET' && pathname === '/health') return send(response, 200, 'ok', 'text/plain');
  if (isSwapApi(request, target)) return answerSwap(node, request, target, response);
  const route = ADMIN_ROUTES.get(`${method} ${pathname}`);
  if (route === undefined) throw unknownPath(method, pathname);
  const body = method === 'POST' ? await readJson(request) : undefined;
  send(response, 200, toJson(await route(node, { query: searchParams, body })));
}

async function answerSwap(node: DevnetNode, request: IncomingMessage, url: URL, response: ServerResponse) {
  const fate = node.faults.fateOf({ nodeNumber: 1, method: url.pathname, scenarios: [] });
  if (isRefused(fate)) return suffer(response, fate, '');
  const asked = request.method === 'POST' ? await readJson(request) : undefined;
  const { status, headers, body } = await answerSwapApi(node, request, { url, body: asked });
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (fate !== null) return suffer(response, fate, toJson(body));
  send(response, status, toJson(body));
}

async function answerPost(
  node: DevnetNode,
  nodeNumber: number,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (!isJson(request)) {
    return send(
      response,
      415,
      'Supplied content type is not allowed. Content-Type: application/json is required',
    );
  }
  const text = await readBody(request, MAX_RPC_BYTES);
  if (text === null) return send(response, 413, `The body is over ${MAX_RPC_BYTES} bytes.`, 'text/plain');
  const body = parseRpc(node, nodeNumber, text);
  const fate = body && fateOf(node, body);
  if (isRefused(fate)) return suffer(response, fate, '');
  const answer = answerRpc(node, body);
  if (fate !== null) return suffer(response, fate, answer);
  send(response, 200, answer);
}

/** Whether a fault prevents the request from running. */
function isRefused(fate: CallFate | null): fate is CallFate {
  return fate === 'http429' || fate === 'http503' || fate === 'timeout';
}

/** Replaces the answer by the fault's effect. */
function suffer(response: ServerResponse, fate: CallFate, answer: string): void {
  switch (fate) {
    case 'http429':
      response.setHeader('retry-after', '1');
      send(response, 429, 'Too many requests for a specific RPC call', 'text/plain');
      break;
    case 'http503':
      send(response, 503, 'Service unavailable', 'text/plain');
      break;
    case 'timeout':
      setTimeout(() => response.destroy(), LONGEST_SILENCE_MS).unref();
      break;
    case 'lostAnswer':
      response.destroy();
      break;
    case 'garbled':
      send(response, 200, answer.slice(0, Math.ceil(answer.length / 2)));
      break;
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!isJson(request)) throw badBody('The body must be JSON.', 'Send content-type: application/json.');
  const text = await readBody(request, MAX_ADMIN_BYTES);
  if (text === null) throw badBody(`The body is over ${MAX_ADMIN_BYTES} bytes.`, 'Send it in parts.');
  try {
    return JSON.parse(text);
  } catch {
    throw badBody('The body is not valid JSON.', 'Check quotes and commas.');
  }
}

function isJson(request: IncomingMessage): boolean {
  return request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}

function forbidden(detail: string): Problem {
  const hint = 'The devnet answers programs and pages of this machine only, unless started with --host.';
  return new Problem({ status: 403, code: 'foreign_request', title: 'Forbidden', detail, hint });
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS');
  response.setHeader('access-control-allow-headers', 'content-type, solana-client, x-api-key');
  response.setHeader('vary', 'origin');
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return; // The client has disconnected.
  if (error instanceof Problem) {
    send(response, error.status, toJson(error.toBody()), 'application/problem+json');
    return;
  }
  process.stderr.write(`devnet: ${(error as Error).stack ?? String(error)}\n`);
  const problem = { type: 'about:blank', title: 'Internal error', status: 500, code: 'internal' };
  send(response, 500, toJson(problem), 'application/problem+json');
}

function send(response: ServerResponse, status: number, body: string, type = 'application/json'): void {
  if (response.headersSent || response.destroyed) return;
  const content = body.length > MAX_TEXT_CHARACTERS ? Buffer.from(body) : body;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(content) });
  response.end(content);
}
