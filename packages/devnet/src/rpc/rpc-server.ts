import type { DevnetNode } from '../node.ts';
import { toJson } from './json.ts';
import { accountMethods } from './methods/accounts.ts';
import { clusterMethods } from './methods/cluster.ts';
import { transactionMethods } from './methods/transactions.ts';
import type { Params } from './params.ts';
import { RPC_ERRORS, RpcError } from './rpc-error.ts';
import type { RpcMethods } from './rpc-method.ts';

const METHODS: RpcMethods = { ...clusterMethods, ...accountMethods, ...transactionMethods };
const KNOWN = new Map(Object.entries(METHODS));

/** Answers one HTTP body of JSON-RPC 2.0: a request or a batch of them. Empty where nobody wants an answer. */
export async function answerRpc(node: DevnetNode, body: string): Promise<string> {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    return failure(null, RPC_ERRORS.parseError, 'Parse error');
  }
  if (!Array.isArray(request)) return answerOne(node, request);
  if (request.length === 0) return failure(null, RPC_ERRORS.invalidRequest, 'Invalid request');
  const answers = await Promise.all(request.map((one) => answerOne(node, one)));
  const wanted = answers.filter((answer) => answer !== '');
  return wanted.length === 0 ? '' : `[${wanted.join(',')}]`;
}

interface Request {
  readonly id: string | number | null;
  readonly method: string;
  readonly params: Params;
  readonly wantsAnswer: boolean;
}

async function answerOne(node: DevnetNode, value: unknown): Promise<string> {
  const request = toRequest(value);
  if (request === null) return failure(null, RPC_ERRORS.invalidRequest, 'Invalid request');
  const { id, method, params, wantsAnswer } = request;
  try {
    const handler = KNOWN.get(method);
    if (handler === undefined) throw new RpcError('methodNotFound', 'Method not found');
    const result = await handler(node, params);
    return wantsAnswer ? `{"jsonrpc":"2.0","result":${toJson(result)},"id":${JSON.stringify(id)}}` : '';
  } catch (error) {
    if (!wantsAnswer) return '';
    if (error instanceof RpcError) return failure(id, error.code, error.message, error.data);
    process.stderr.write(`devnet: ${method} failed: ${(error as Error).stack}\n`);
    return failure(id, RPC_ERRORS.internalError, 'Internal error');
  }
}

/** A JSON-RPC request, or null where it is none. */
export function toRequest(value: unknown): Request | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { jsonrpc, id, method, params } = value as Record<string, unknown>;
  if (jsonrpc !== '2.0' || typeof method !== 'string') return null;
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') return null;
  if (params !== undefined && params !== null && !Array.isArray(params)) return null;
  return { id: id ?? null, method, params: params ?? [], wantsAnswer: id !== undefined };
}

export function failure(id: string | number | null, code: number, message: string, data?: unknown): string {
  return toJson({ jsonrpc: '2.0', error: { code, message, data }, id });
}
