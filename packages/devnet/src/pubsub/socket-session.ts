import type { WebSocket } from 'ws';
import { parseJson, toJson } from '../rpc/json.ts';
import { methodNotFound } from '../rpc/method-table.ts';
import { integerParam } from '../rpc/params.ts';
import { invalidParams, RPC_ERRORS, RpcError } from '../rpc/rpc-error.ts';
import { failure, toRequest } from '../rpc/rpc-server.ts';
import { Subscriber } from './subscriber.ts';
import type { Subscriptions } from './subscriptions.ts';
import { UNSUBSCRIBES, WISHES } from './wishes.ts';

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
    value = parseJson(text);
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
  const reply = (result: unknown) => subscriber.send(toJson({ jsonrpc: '2.0', result, id }));
  try {
    const toWish = Object.hasOwn(WISHES, method) ? WISHES[method] : undefined;
    if (toWish !== undefined) {
      const subscription = subscriptions.add(subscriber, toWish(params));
      reply(subscription);
      subscriptions.catchUp(subscription);
      return;
    }
    const kind = Object.hasOwn(UNSUBSCRIBES, method) ? UNSUBSCRIBES[method] : undefined;
    if (kind === undefined) throw methodNotFound(method);
    if (!subscriptions.remove(subscriber, integerParam(params[0], 'subscription'), kind)) {
      throw invalidParams('Invalid subscription id.');
    }
    reply(true);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    subscriber.send(failure(id, error.code, error.message, error.data));
  }
}
