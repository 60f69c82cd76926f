import type { HttpAnswer, HttpClient } from '../../ports/http-client.ts';
import { MalformedAnswer, parseExactJson, toFields, toList } from './exact-json.ts';
import { hasBigAnswer, type Question } from './question-lanes.ts';

/** An error that the node itself reported. */
export class RpcError extends Error {
  override name = 'RpcError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The node accepts fewer questions per request, or only one. */
export class BatchRefused extends RpcError {
  override name = 'BatchRefused';
}

/** JSON-RPC requests to one address, without caching and without retries. */
export interface RpcTransport {
  /** @throws The node is unreachable, or its answer does not belong to this question. */
  ask(question: Question): Promise<unknown>;
  /**
   * Sends several questions in one request. Returns the outcome of each, in their order: its result, or a function that
   * throws its error.
   *
   * @throws {BatchRefused} The node accepts fewer questions per request.
   * @throws The node is unreachable, or its answers mix up the ids of the questions.
   */
  askTogether(questions: readonly Question[]): Promise<readonly (() => unknown)[]>;
}

export interface RpcTransportOptions {
  readonly http: HttpClient;
  readonly url: string;
  readonly timeoutMs: number;
  /** Maximum size of an answer. Default 64 MiB, several times the size of the largest list of pools. */
  readonly maxAnswerBytes?: number;
}

const HEADERS: Readonly<Record<string, string>> = { 'content-type': 'application/json' };
const PACKED_HEADERS = { ...HEADERS, 'accept-encoding': 'gzip' };
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
// Longest pause that a node can ask for: its word alone must not silence it for a day.
const LONGEST_REST_MS = 60_000;
/** HTTP statuses with which nodes and their proxies refuse a batch whose single questions they accept. */
const REFUSING_STATUS: ReadonlySet<number> = new Set([400, 403, 405, 413, 415, 422, 501]);
/** Invalid request, method not found, invalid params, parse error. */
const REFUSING_CODES: ReadonlySet<number> = new Set([-32_600, -32_601, -32_602, -32_700]);

export function createRpcTransport(options: RpcTransportOptions): RpcTransport {
  const { http, timeoutMs, maxAnswerBytes: maxBytes = MAX_ANSWER_BYTES } = options;
  let url: URL | undefined;
  let lastId = 0;
  let restsUntilMs = 0;

  const toRequest = ({ method, params }: Question) => {
    lastId += 1;
    return { jsonrpc: '2.0', id: lastId, method, params };
  };

  async function post(body: unknown, headers = HEADERS): Promise<unknown> {
    const restMs = restsUntilMs - performance.now();
    if (restMs > 0) throw new RpcError(429, `the node asked for a rest of another ${Math.ceil(restMs)} ms`);
    url ??= new URL(options.url); // Here, so that a text that is no URL is an error of the call.
    const answer = await http({
      method: 'POST',
      url,
      headers,
      body: JSON.stringify(body),
      timeoutMs,
      maxBytes,
    });
    const { status } = answer;
    if (status >= 200 && status < 300) return parseExactJson(answer.body);
    // Another answer may already have asked for a longer rest.
    restsUntilMs = Math.max(restsUntilMs, performance.now() + restAskedFor(answer));
    // A redirect would send our requests to another node, perhaps of another chain.
    throw new RpcError(
      status,
      status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`,
    );
  }

  return {
    async ask(question) {
      const request = toRequest(question);
      const answer = toFields(await post(request));
      // An error that belongs to no question, such as a rate limit, has no id.
      if (answer.id !== request.id && !isFailure(answer)) throw new MalformedAnswer('the id of its question');
      return resultOf(answer);
    },

    async askTogether(questions) {
      const requests = questions.map(toRequest);
      const headers = questions.some(hasBigAnswer) ? PACKED_HEADERS : HEADERS;
      const body = await post(requests, headers).catch((error: unknown) => {
        if (error instanceof RpcError && REFUSING_STATUS.has(error.code))
          throw new BatchRefused(error.code, error.message);
        throw error;
      });
      if (!Array.isArray(body)) throw refusalOf(toFields(body));
      const byId = byIdOf(body, requests);
      return requests.map(
        ({ id }) =>
          () =>
            resultOf(byId.get(id)),
      );
    },
  };
}

type Answer = Readonly<Record<string, unknown>>;

/** Answers matched by id alone: a node may answer in any order. */
function byIdOf(body: unknown, requests: readonly { readonly id: number }[]): ReadonlyMap<number, Answer> {
  const asked = new Set(requests.map(({ id }) => id));
  const byId = new Map<number, Answer>();
  for (const one of toList(body)) {
    const answer = toFields(one);
    const id = answer.id as number;
    if (!asked.has(id)) throw new MalformedAnswer('the id of a question');
    if (byId.has(id)) throw new MalformedAnswer('an id of its own for each answer');
    byId.set(id, answer);
  }
  return byId;
}

const isFailure = (answer: Answer): boolean => answer.error !== undefined && answer.error !== null;

function resultOf(answer: Answer | undefined): unknown {
  if (!answer) throw new MalformedAnswer('an answer to each question');
  if (isFailure(answer)) throw toRpcError(answer.error);
  if (answer.result === undefined) throw new MalformedAnswer('a result');
  return answer.result;
}

/** The error of a single answer to a batch: a refusal of the batch, or another error, such as a rate limit. */
function refusalOf(answer: Answer): Error {
  if (!isFailure(answer)) return new BatchRefused(0, 'one answer to several questions');
  const error = toRpcError(answer.error);
  const isAboutBatch = REFUSING_CODES.has(error.code) || /batch/i.test(error.message);
  return isAboutBatch ? new BatchRefused(error.code, error.message) : error;
}

function toRpcError(error: unknown): RpcError {
  const fields = toFields(error);
  return new RpcError(Number(fields.code ?? 0), String(fields.message ?? 'error without a message'));
}

/** Milliseconds to wait: the header has seconds or a date, as HTTP allows; 0 if it is absent or malformed. */
function restAskedFor(answer: HttpAnswer): number {
  const asked = answer.header('retry-after');
  if (asked === null) return 0;
  const ms = /^\d+$/.test(asked.trim()) ? Number(asked) * 1_000 : Date.parse(asked) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), LONGEST_REST_MS);
}
