// What the examples use of the engine's API: requests, and the stream of all orders.
import { on } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

const { ENGINE_URL: url = 'http://127.0.0.1:3000', API_KEY: key } = process.env;
const headers = key ? { authorization: `Bearer ${key}` } : {};
const RECONNECT_MS = 500;

/** Sends a request. An answer that is no success is thrown, with its code. */
export async function call(method, path, body) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error(`${answer.code}: ${answer.detail} ${answer.hint}`), { code: answer.code });
}

/** Cancels an order. One that has ended or is in flight stays as it is. */
export async function cancel(orderId) {
  await call('DELETE', `/api/orders/${orderId}`).catch((error) => {
    if (error.code !== 'order_is_over') throw error;
  });
}

/** What one token costs now, in USDC: a decimal string. */
export async function priceOf(token) {
  const { data } = await call('GET', `/api/prices?tokenIn=${token}&tokenOut=USDC`);
  return data[0].buy;
}

/** A price so many basis points higher, or lower if negative, to the last digit: a price is no floating-point number. */
export function moved(price, bps) {
  const [whole, fraction = ''] = price.split('.');
  const digits = `${BigInt(whole + fraction) * BigInt(10_000 + Number(bps))}`;
  const decimals = fraction.length + 4;
  const padded = digits.padStart(decimals + 1, '0');
  return `${padded.slice(0, -decimals)}.${padded.slice(-decimals).slice(0, 18)}`;
}

/** The events of all orders from now on, without a gap: after a lost connection it resumes at the last position. */
export async function* orderEvents() {
  for (let after; ; await sleep(RECONNECT_MS)) {
    const query = after === undefined ? '' : `?after=${after}`;
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/stream${query}`, { headers });
    try {
      for await (const [frame] of on(socket, 'message', { close: ['close'] })) {
        const event = JSON.parse(frame);
        const isFirst = after === undefined;
        after = event.position;
        if (event.type !== 'stream.opened' || isFirst) yield event;
      }
    } catch (error) {
      if (after === undefined) throw error;
    } finally {
      socket.on('error', () => {}).close(); // One that never opened says so.
    }
  }
}
