import { ChainView } from '../chain/chain-view.ts';
import type { Call } from '../faults/faults.ts';
import type { CallFate } from '../faults/node-faults.ts';
import type { DevnetNode } from '../node.ts';
import { toJson } from './json.ts';
import { positionalParams } from './method-params.ts';
import { requireMethod } from './method-table.ts';
import { answerElsewhere, mistakenParams, moveElsewhere } from './mistaken-answer.ts';
import { scenariosOf } from './request-scenarios.ts';
import { parseMessage, type RequestId, type RpcCall, type RpcMessage, type Uncalled } from './rpc-call.ts';
import { RPC_ERRORS, RpcError } from './rpc-error.ts';
import type { RpcNode } from './rpc-method.ts';

/** A parsed body of JSON-RPC: one request or a batch. */
export interface RpcBody extends Pick<RpcMessage, 'isBatch'> {
  readonly requests: readonly (NumberedCall | Uncalled)[];
}

interface NumberedCall extends RpcCall {
  readonly call: Call;
}

/** Reads an HTTP body for a node; null where Agave cannot read it. */
export function parseRpc(node: DevnetNode, nodeNumber: number, body: string): RpcBody | null {
  const message = parseMessage(body);
  if (message === null) return null;
  const requests = message.requests.map((request) => {
    if (request.kind !== 'call') return request;
    const { method } = request;
    const params = Array.isArray(request.params) ? request.params : [];
    return { ...request, call: { nodeNumber, method, scenarios: scenariosOf(node, { method, params }) } };
  });
  return { isBatch: message.isBatch, requests };
}

/** The fault of a body: it hits the whole body, whichever request it names. */
export function fateOf({ faults }: DevnetNode, body: RpcBody): CallFate | null {
  const fates = callsOf(body).map(({ call }) => faults.fateOf(call));
  return fates.find((fate) => fate !== null) ?? null;
}

/**
 * Answers one HTTP body of JSON-RPC 2.0 in one pass: no slot passes between the answers of a batch. Empty if no request
 * expects an answer.
 */
export function answerRpc(node: DevnetNode, body: RpcBody | null): string {
  if (body === null) return UNREADABLE;
  // The whole body is answered for one chain.
  const isElsewhere = callsOf(body).some(({ call }) => node.faults.mistakes('otherChain', call));
  const answers = body.requests.map((request) =>
    request.kind === 'call' ? answerCall(node, request, isElsewhere) : answerUncalled(request),
  );
  return joinAnswers(body, answers);
}

function callsOf({ requests }: RpcBody): NumberedCall[] {
  return requests.filter((request) => request.kind === 'call');
}

/** The answer to a request without a call; empty for a notification. */
export function answerUncalled(request: Uncalled): string {
  if (request.kind === 'notification') return '';
  if (request.kind === 'invalid')
    return failure(request.id, new RpcError('invalidRequest', 'Invalid request'));
  const message = 'Unsupported JSON-RPC protocol version';
  return toJson({ error: { code: RPC_ERRORS.invalidRequest, message }, id: request.id });
}

/** Joins the answers to a body or a frame; empty if no request expects an answer. */
export function joinAnswers({ isBatch }: Pick<RpcMessage, 'isBatch'>, answers: readonly string[]): string {
  let joined = '';
  for (const answer of answers) if (answer !== '') joined += joined === '' ? answer : `,${answer}`;
  return isBatch && joined !== '' ? `[${joined}]` : joined;
}

function answerCall(node: DevnetNode, request: NumberedCall, isElsewhere: boolean): string {
  const { method, call } = request;
  const id = node.faults.mistakes('wrongId', call) ? -1 : request.id;
  try {
    const handler = requireMethod(method);
    const question = { method, call, params: positionalParams(request) };
    const elsewhere = isElsewhere ? answerElsewhere(node, question) : undefined;
    const own = elsewhere ? elsewhere.result : handler(nodeOf(node, call), mistakenParams(node, question));
    return success(id, isElsewhere ? moveElsewhere(method, own) : own);
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error);
    process.stderr.write(`devnet: ${method} failed: ${(error as Error).stack}\n`);
    return failure(id, new RpcError('internalError', 'Internal error'));
  }
}

/** The node as a call sees it. */
function nodeOf(node: DevnetNode, call: Call): RpcNode {
  if (node.faults.isQuiet) return faultlessNode(node, call);
  return { ...node, nodeNumber: call.nodeNumber, view: viewOf(node, call) };
}

/** Nodes by number, each as all its calls see it while there is no fault. */
const faultless = new WeakMap<DevnetNode, Map<number, RpcNode>>();

function faultlessNode(node: DevnetNode, { nodeNumber }: Call): RpcNode {
  const nodes = faultless.get(node) ?? new Map<number, RpcNode>();
  faultless.set(node, nodes);
  const known = nodes.get(nodeNumber);
  if (known !== undefined) return known;
  const made = { ...node, nodeNumber, view: new ChainView(node.chain, node.ledger.history) };
  nodes.set(nodeNumber, made);
  return made;
}

function viewOf({ chain, ledger, faults }: DevnetNode, call: Call): ChainView {
  return new ChainView(chain, ledger.history, {
    lag: faults.blocksBehind(call),
    forgets: (signature) => faults.forgets(call.nodeNumber, signature),
    ahead: faults.aheadOf(call),
  });
}

export function success(id: RequestId, result: unknown): string {
  return `{"jsonrpc":"2.0","result":${toJson(result)},"id":${toJson(id)}}`;
}

export function failure(id: RequestId, { code, message, data }: RpcError): string {
  return toJson({ jsonrpc: '2.0', error: { code, message, data }, id });
}

/** The answer to a body that Agave cannot read as a request or a batch. */
export const UNREADABLE = failure(null, new RpcError('parseError', 'Parse error'));
