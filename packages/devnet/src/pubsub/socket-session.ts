import type { WebSocket } from 'ws';
import { accountFormatOf } from '../rpc/account-encoding.ts';
import {
  addressParam,
  type Config,
  commitmentOf,
  configParam,
  integerParam,
  listParam,
  type Params,
  signatureParam,
  toAddress,
} from '../rpc/params.ts';
import { invalidParams, RPC_ERRORS, RpcError } from '../rpc/rpc-error.ts';
import { failure, toRequest } from '../rpc/rpc-server.ts';
import { Subscriber } from './subscriber.ts';
import type { Subscriptions, Wish } from './subscriptions.ts';

const WISHES: Readonly<Record<string, (params: Params) => Wish>> = {
  signatureSubscribe: (params) => ({
    kind: 'signature',
    signature: signatureParam(params[0]),
    commitment: commitmentOf(configParam(params, 1)),
  }),
  accountSubscribe(params) {
    const config = configParam(params, 1);
    return {
      kind: 'account',
      address: addressParam(params, 0),
      commitment: commitmentOf(config),
      format: accountFormatOf(config, 'binary'),
    };
  },
  logsSubscribe: (params) => ({
    kind: 'logs',
    mentions: mentionsOf(params[0]),
    commitment: commitmentOf(configParam(params, 1)),
  }),
  slotSubscribe: () => ({ kind: 'slot' }),
  rootSubscribe: () => ({ kind: 'root' }),
};

const UNSUBSCRIBES: Readonly<Record<string, Wish['kind']>> = {
  signatureUnsubscribe: 'signature',
  accountUnsubscribe: 'account',
  logsUnsubscribe: 'logs',
  slotUnsubscribe: 'slot',
  rootUnsubscribe: 'root',
};

/** Serves one WebSocket of a node: subscribe and unsubscribe, until it closes. */
export function serveSocket(subscriptions: Subscriptions, socket: WebSocket, nodeNumber: number): void {
  const subscriber = new Subscriber(socket, nodeNumber);
  socket.on('message', (data) => answer(subscriptions, subscriber, String(data)));
  socket.on('close', () => subscriptions.removeAll(subscriber));
  socket.on('error', () => socket.terminate());
}

function answer(subscriptions: Subscriptions, subscriber: Subscriber, text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    subscriber.send(failure(null, RPC_ERRORS.parseError, 'Parse error'));
    return;
  }
  const request = toRequest(value);
  if (request === null) {
    subscriber.send(failure(null, RPC_ERRORS.invalidRequest, 'Invalid request'));
    return;
  }
  const { id, method, params } = request;
  const reply = (result: unknown) => subscriber.send(JSON.stringify({ jsonrpc: '2.0', result, id }));
  try {
    const toWish = Object.hasOwn(WISHES, method) ? WISHES[method] : undefined;
    if (toWish !== undefined) {
      const subscription = subscriptions.add(subscriber, toWish(params));
      reply(subscription);
      subscriptions.catchUp(subscription);
      return;
    }
    const kind = Object.hasOwn(UNSUBSCRIBES, method) ? UNSUBSCRIBES[method] : undefined;
    if (kind === undefined) throw new RpcError('methodNotFound', 'Method not found');
    if (!subscriptions.remove(subscriber, integerParam(params[0], 'subscription'), kind)) {
      throw invalidParams('Invalid subscription id.');
    }
    reply(true);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    subscriber.send(failure(id, error.code, error.message, error.data));
  }
}

function mentionsOf(filter: unknown): string | null {
  if (filter === 'all' || filter === 'allWithVotes') return null;
  const { mentions } = (filter ?? {}) as Config;
  const list = listParam([mentions], 0, 1);
  if (list.length !== 1) throw invalidParams('Invalid Request: Only 1 address supported');
  return toAddress(list[0], 'mentions');
}
