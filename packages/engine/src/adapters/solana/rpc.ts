import { AnotherChain, type ChainIdentity, ChainUnavailable } from '../../ports/chain.ts';
import type { HttpClient } from '../../ports/http-client.ts';
import { toText } from './exact-json.ts';
import { GENESIS, QuestionBatches } from './question-batches.ts';
import { createRpcTransport, RpcError } from './rpc-transport.ts';

/** JSON-RPC over HTTP to one node of the engine's chain. */
export interface Rpc {
  /** Shown in logs and errors in place of the URL, which may hold an API key. */
  readonly name: string;
  /**
   * Calls a method and reads its result with `read`, if the node answers for our chain: the same request asks for the
   * genesis hash. A node that takes one question per request is asked for it just before and after. Calls of one turn of
   * the event loop may share a request (`laneOf`).
   *
   * @throws {ChainUnavailable} No answer in time, an HTTP error, an RPC error (as `cause`), or a malformed answer.
   * @throws {AnotherChain} The answer is another chain's.
   */
  call<T>(method: string, params: readonly unknown[], read: (result: unknown) => T): Promise<T>;
  /** Requests only the node's genesis hash. */
  identify(): Promise<void>;
  /** Sends a transaction at once: the receiving chain does not matter, and the answer proves nothing. */
  tell(method: string, params: readonly unknown[]): Promise<void>;
}

export interface RpcOptions {
  readonly http: HttpClient;
  readonly name: string;
  readonly url: string;
  readonly timeoutMs: number;
  readonly identity: ChainIdentity;
}

export function createRpc({ http, name, url, timeoutMs, identity }: RpcOptions): Rpc {
  const transport = createRpcTransport({ http, url, timeoutMs });

  const recognize = (genesisHash: unknown): void => identity.recognize(name, toText(genesisHash));

  const batches = new QuestionBatches({ transport, recognize });

  /** Turns errors of the connection and of the node into the port's errors, without the URL. */
  async function answering<T>(method: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof AnotherChain) throw error;
      const cause = withoutUrl(error, url);
      throw new ChainUnavailable(`${name}: ${method} failed: ${cause.message}`, { cause });
    }
  }

  return {
    name,
    call: (method, params, read) =>
      answering(method, async () => read(await batches.ask({ method, params }))),
    identify: () => answering(GENESIS.method, async () => recognize(await transport.ask(GENESIS))),
    tell: (method, params) => answering(method, async () => void (await transport.ask({ method, params }))),
  };
}

/**
 * The genesis hash of the chain at an address, before the engine uses it.
 *
 * @throws {ChainUnavailable} The node did not answer.
 */
export async function readGenesisHash({
  http,
  name,
  url,
  timeoutMs,
}: Omit<RpcOptions, 'identity'>): Promise<string> {
  try {
    return toText(await createRpcTransport({ http, url, timeoutMs }).ask(GENESIS));
  } catch (error) {
    const cause = withoutUrl(error, url);
    throw new ChainUnavailable(`${name}: ${GENESIS.method} failed: ${cause.message}`, { cause });
  }
}

/** The system, certificates and proxies quote the address that they were given; no error may carry it on. */
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
  const { pathname, search, username, password, host, hostname } = new URL(url);
  return [pathname + search, search, pathname, password, username, host, hostname].filter(
    (part) => part.length > 4,
  );
}
