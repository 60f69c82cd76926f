import { ChainUnavailable } from '../../ports/chain.ts';
import { parseExactJson, toFields } from './exact-json.ts';

/** JSON-RPC over HTTP to one node. */
export interface Rpc {
  /** Shown in logs and errors in place of the URL, which may hold an API key. */
  readonly name: string;
  /**
   * Calls a method and reads its result with `read`.
   * @throws {ChainUnavailable} No answer in time, an HTTP error, an RPC error (as `cause`), or a malformed answer.
   */
  call<T>(method: string, params: readonly unknown[], read: (result: unknown) => T): Promise<T>;
}

/** An error that the node itself reported. */
export class RpcError extends Error {
  override name = 'RpcError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface RpcOptions {
  readonly name: string;
  readonly url: string;
  readonly timeoutMs: number;
}

/** Node's fetch keeps the connection alive between calls. */
export function createRpc({ name, url, timeoutMs }: RpcOptions): Rpc {
  let id = 0;

  async function post(method: string, params: readonly unknown[]): Promise<unknown> {
    id += 1;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = await response.text();
    if (!response.ok) throw new RpcError(response.status, `HTTP ${response.status}`);
    const answer = toFields(parseExactJson(body));
    if (answer.error !== undefined && answer.error !== null) throw toRpcError(answer.error);
    return answer.result;
  }

  return {
    name,
    async call(method, params, read) {
      try {
        return read(await post(method, params));
      } catch (error) {
        const cause = withoutUrl(error, url);
        throw new ChainUnavailable(`${name}: ${method} failed: ${cause.message}`, { cause });
      }
    },
  };
}

function toRpcError(error: unknown): RpcError {
  const fields = toFields(error);
  return new RpcError(Number(fields.code ?? 0), String(fields.message ?? 'error without a message'));
}

/** Fetch and proxies quote the address that they were given; no error may carry it on. */
function withoutUrl(error: unknown, url: string): Error {
  const described = error instanceof Error ? error : new Error(String(error));
  const inner =
    described.cause instanceof Error
      ? `${described.message} (${described.cause.message})`
      : described.message;
  const secrets = [url, ...secretParts(url)];
  const message = secrets.reduce((text, secret) => text.replaceAll(secret, '<url>'), inner);
  if (described instanceof RpcError) return new RpcError(described.code, message);
  const clean = new Error(message);
  clean.name = described.name;
  return clean;
}

function secretParts(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { pathname, search, username, password, host } = new URL(url);
  return [pathname + search, search, pathname, password, username, host].filter((part) => part.length > 4);
}
