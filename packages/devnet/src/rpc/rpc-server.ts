import { ChainView } from '../chain/chain-view.ts';
import type { Call } from '../faults/faults.ts';
import type { CallFate } from '../faults/node-faults.ts';
import type { DevnetNode } from '../node.ts';
import { parseJson, toJson } from './json.ts';
import { requireMethod } from './method-table.ts';
import { answerElsewhere, mistakenParams, moveElsewhere } from './mistaken-answer.ts';
import type { Params } from './params.ts';
import { scenariosOf } from './request-scenarios.ts';
import { RPC_ERRORS, RpcError } from './rpc-error.ts';

/** A body of JSON-RPC as it came: one request, or a batch of them. */
export interface RpcBody {
  readonly isBatch: boolean;
  /** Null for what is no request. */
  readonly requests: readonly (NumberedRequest | null)[];
}

interface NumberedRequest extends Request {
  readonly call: Call;
}

/** As Agave: a text, a whole number from 0 to 2^64 - 1, or null. */
type RequestId = string | number | bigint | null;

interface Request {
  readonly id: RequestId;
  readonly method: string;
  readonly params: Params;
  readonly wantsAnswer: boolean;
}

/** Reads an HTTP body for a node; null where it is no JSON. */
export function parseRpc(node: DevnetNode, nodeNumber: number, body: string): RpcBody | null {
  let value: unknown;
  try {
    value = parseJson(body);
  } catch {
    return null;
  }
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const requests = list.map((one) => {
    const request = toRequest(one);
    return (
      request && {
        ...request,
        call: { nodeNumber, method: request.method, scenarios: scenariosOf(node, request) },
      }
    );
  });
  return { isBatch: Array.isArray(value), requests };
}

/** What a fault does to a body: it hits the whole of it, whichever of its requests it was meant for. */
export function fateOf({ faults }: DevnetNode, body: RpcBody): CallFate | null {
  const fates = body.requests.map((request) => request && faults.fateOf(request.call));
  return fates.find((fate) => fate !== null) ?? null;
}

/** Answers one HTTP body of JSON-RPC 2.0. Empty where nobody wants an answer. */
export async function answerRpc(node: DevnetNode, body: RpcBody | null): Promise<string> {
  if (body === null) return failure(null, RPC_ERRORS.parseError, 'Parse error');
  const { isBatch, requests } = body;
  if (requests.length === 0) return failure(null, RPC_ERRORS.invalidRequest, 'Invalid request');
  // The whole body leads to one chain.
  const isElsewhere = requests.some((one) => one && node.faults.mistakes('otherChain', one.call));
  const answers = await Promise.all(requests.map((one) => answerOne(node, one, isElsewhere)));
  if (!isBatch) return answers[0]!;
  const wanted = answers.filter((answer) => answer !== '');
  return wanted.length === 0 ? '' : `[${wanted.join(',')}]`;
}

async function answerOne(
  node: DevnetNode,
  request: NumberedRequest | null,
  isElsewhere: boolean,
): Promise<string> {
  if (request === null) return failure(null, RPC_ERRORS.invalidRequest, 'Invalid request');
  const { method, wantsAnswer, call } = request;
  const id = node.faults.mistakes('wrongId', call) ? -1 : request.id;
  try {
    const handler = requireMethod(method);
    const ask = () => {
      const params = mistakenParams(node, request);
      return handler({ ...node, nodeNumber: call.nodeNumber, view: viewOf(node, call) }, params);
    };
    const elsewhere = isElsewhere ? answerElsewhere(node, request) : undefined;
    const own = elsewhere ? elsewhere.result : await ask();
    const result = isElsewhere ? moveElsewhere(method, own) : own;
    return wantsAnswer ? `{"jsonrpc":"2.0","result":${toJson(result)},"id":${toJson(id)}}` : '';
  } catch (error) {
    if (!wantsAnswer) return '';
    if (error instanceof RpcError) return failure(id, error.code, error.message, error.data);
    process.stderr.write(`devnet: ${method} failed: ${(error as Error).stack}\n`);
    return failure(id, RPC_ERRORS.internalError, 'Internal error');
  }
}

function viewOf({ chain, ledger, faults }: DevnetNode, call: Call): ChainView {
  return new ChainView(chain, ledger.history, {
    lag: faults.blocksBehind(call),
    forgets: (signature) => faults.forgets(call.nodeNumber, signature),
    ahead: faults.aheadOf(call),
  });
}

/** A JSON-RPC request, or null where it is none. */
export function toRequest(value: unknown): Request | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { jsonrpc, id, method, params } = value as Record<string, unknown>;
  if (jsonrpc !== '2.0' || typeof method !== 'string') return null;
  if (id !== undefined && !isRequestId(id)) return null;
  if (params !== undefined && params !== null && !Array.isArray(params)) return null;
  return { id: id ?? null, method, params: params ?? [], wantsAnswer: id !== undefined };
}

function isRequestId(id: unknown): id is RequestId {
  if (typeof id === 'bigint') return id >= 0n && id < 2n ** 64n;
  return id === null || typeof id === 'string' || (Number.isSafeInteger(id) && (id as number) >= 0);
}

export function failure(id: RequestId, code: number, message: string, data?: unknown): string {
  return toJson({ jsonrpc: '2.0', error: { code, message, data }, id });
}
