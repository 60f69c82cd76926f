import type { WebSocket } from 'ws';
import { positionalParams } from '../rpc/method-params.ts';
import { methodNotFound } from '../rpc/method-table.ts';
import { VERSION_ANSWER } from '../rpc/methods/validators.ts';
import { integerParam } from '../rpc/params.ts';
import { parseMessage, type RpcCall } from '../rpc/rpc-call.ts';
import { invalidParams, RpcError } from '../rpc/rpc-error.ts';
import { answerUncalled, failure, joinAnswers, success, UNREADABLE } from '../rpc/rpc-server.ts';
import { Subscriber } from './subscriber.ts';
import type { Subscriptions } from './subscriptions.ts';
import { UNSUBSCRIBES, WISHES } from './wishes.ts';

/** Serves one WebSocket of a node until it closes: subscribe, unsubscribe, and the node's version. */
export function serveSocket(subscriptions: Subscriptions, socket: WebSocket, nodeNumber: number): void {
  const subscriber = new Subscriber(socket, nodeNumber);
  socket.on('message', (data) => answer(subscriptions, subscriber, String(data)));
  socket.on('close', () => subscriptions.removeAll(subscriber));
  socket.on('error', () => socket.terminate());
}

/** Answers a frame: one request or a batch, as over HTTP. Notifications of past events follow the answer. */
function answer(subscriptions: Subscriptions, subscriber: Subscriber, text: string): void {
  const message = parseMessage(text);
  if (message === null) {
    subscriber.send(UNREADABLE);
    return;
  }
  const added: number[] = [];
  const answers = message.requests.map((request) => {
    if (request.kind !== 'call') return answerUncalled(request);
    try {
      return success(request.id, call(subscriptions, subscriber, request, added));
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return failure(request.id, error);
    }
  });
  const joined = joinAnswers(message, answers);
  if (joined !== '') subscriber.send(joined);
  for (const subscription of added) subscriptions.catchUp(subscription);
}

/** @param added Gets the id of the subscription that the call makes. */
function call(subscriptions: Subscriptions, subscriber: Subscriber, request: RpcCall, added: number[]) {
  const { method } = request;
  // The only method of Agave's socket that is no subscription (rpc/src/rpc_pubsub.rs).
  if (method === 'getVersion') {
    positionalParams(request);
    return VERSION_ANSWER;
  }
  const toWish = Object.hasOwn(WISHES, method) ? WISHES[method] : undefined;
  if (toWish !== undefined) {
    const subscription = subscriptions.add(subscriber, toWish(positionalParams(request)));
    added.push(subscription);
    return subscription;
  }
  const kind = Object.hasOwn(UNSUBSCRIBES, method) ? UNSUBSCRIBES[method] : undefined;
  if (kind === undefined) throw methodNotFound(method);
  const [id] = positionalParams(request);
  if (subscriptions.remove(subscriber, integerParam(id, 'subscription'), kind)) return true;
  throw invalidParams('Invalid subscription id.');
}
