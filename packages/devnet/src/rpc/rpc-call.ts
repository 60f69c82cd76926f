import { parseJson } from './json.ts';

/** As in Agave: a text, a whole number from 0 to 2^64 - 1, or null. */
export type RequestId = string | number | bigint | null;

/** A call of a method, whether or not there is such a method. */
export interface RpcCall {
  readonly kind: 'call';
  readonly id: RequestId;
  readonly method: string;
  /** By position, or by name, which no method accepts; null without parameters. */
  readonly params: readonly unknown[] | Readonly<Record<string, unknown>> | null;
}

/**
 * A request without a call. A notification neither runs nor gets an answer: none of Agave's methods is one. A request
 * without the protocol's version is refused, and its answer has no version.
 */
export type Uncalled =
  | { readonly kind: 'notification' }
  | { readonly kind: 'invalid' | 'unversioned'; readonly id: RequestId };

export interface RpcMessage {
  readonly isBatch: boolean;
  readonly requests: readonly (RpcCall | Uncalled)[];
}

const MEMBERS = new Set(['jsonrpc', 'id', 'method', 'params']);

/** Reads a text as jsonrpc-core does; null where Agave answers that it cannot: no JSON, or an id or a request that is none. */
export function parseMessage(text: string): RpcMessage | null {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return null;
  }
  const isBatch = Array.isArray(value);
  const read = (isBatch ? (value as unknown[]) : [value]).map(toRequest);
  const requests = read.filter((request) => request !== null);
  return requests.length < read.length ? null : { isBatch, requests };
}

function toRequest(value: unknown): RpcCall | Uncalled | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { jsonrpc, id = null, method, params } = value as Record<string, unknown>;
  if (!isRequestId(id)) return null;
  const isKnown =
    (jsonrpc === '2.0' || jsonrpc === undefined || jsonrpc === null) &&
    Object.keys(value).every((name) => MEMBERS.has(name));
  if (!isKnown || typeof method !== 'string' || !isParams(params)) return { kind: 'invalid', id };
  if (!('id' in value)) return { kind: 'notification' };
  if (jsonrpc !== '2.0') return { kind: 'unversioned', id };
  return { kind: 'call', id, method, params: params ?? null };
}

function isParams(params: unknown): params is RpcCall['params'] | undefined {
  return params === undefined || typeof params === 'object';
}

function isRequestId(id: unknown): id is RequestId {
  if (typeof id === 'bigint') return id >= 0n && id < 2n ** 64n;
  return id === null || typeof id === 'string' || (Number.isSafeInteger(id) && (id as number) >= 0);
}
