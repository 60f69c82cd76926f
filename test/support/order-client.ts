import { expect } from 'vitest';
import { WebSocket } from 'ws';

/** A process with an API. */
export interface Api {
  readonly url: string;
}

/** An event as a client receives it. */
export interface Frame {
  readonly orderId: string;
  readonly sequence: number;
  /** In the account's stream only. */
  readonly position?: number;
  readonly type: string;
  readonly timestamp: string;
}

export const get = async (url: string): Promise<unknown> => (await fetch(url)).json();

/** The order's log. */
export const logOf = async ({ url }: Api, orderId: string): Promise<readonly Frame[]> =>
  ((await get(`${url}/api/orders/${orderId}/events`)) as { data: Frame[] }).data;

export const readiness = async ({ url }: Api) =>
  (await get(`${url}/readyz`)) as { status: string; checks: Record<string, boolean> };

export const post = ({ url }: Api): Promise<Response> =>
  fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'market',
      tokenIn: 'SOL',
      tokenOut: 'USDC',
      amountIn: '0.1',
      slippageBps: 500,
    }),
  });

/** Submits as a client of another engine does. */
export const execute = ({ url }: Api, body: object): Promise<Response> =>
  fetch(`${url}/api/orders/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

export async function submit(api: Api): Promise<string> {
  const response = await post(api);
  expect(response.status).toBe(201);
  return ((await response.json()) as { orderId: string }).orderId;
}

/** The order's status once it is terminal. */
export function untilOver({ url }: Api, orderId: string): Promise<string> {
  return until(async () => {
    const { status } = (await get(`${url}/api/orders/${orderId}`)) as { status: string };
    return ['confirmed', 'failed', 'canceled', 'expired'].includes(status) ? status : undefined;
  });
}

/**
 * Waits until `look` finds a value. An error does not end the wait, since processes come and go; a timeout has the last
 * error as its cause.
 */
export async function until<T>(look: () => Promise<T | undefined>, patienceMs = 75_000): Promise<T> {
  const startedAtMs = performance.now();
  for (;;) {
    let cause: unknown;
    const found = await look().catch((error: unknown) => {
      cause = error;
      return undefined;
    });
    if (found !== undefined) return found;
    if (performance.now() - startedAtMs > patienceMs) {
      const why = cause === undefined ? 'nothing was found' : String(cause);
      throw new Error(`waited for ${patienceMs / 1_000} s: ${why}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Events of an order's stream: until the engine closes it, or until there are `enough`. */
export function receive(
  { url }: Api,
  orderId: string,
  { after = 0, enough = Number.POSITIVE_INFINITY }: { after?: number; enough?: number } = {},
): Promise<Frame[]> {
  return new Promise((resolve, reject) => {
    const frames: Frame[] = [];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/${orderId}/stream?after=${after}`);
    socket.on('message', (data) => {
      frames.push(JSON.parse(String(data)) as Frame);
      if (frames.length >= enough) socket.close();
    });
    socket.on('error', reject);
    socket.on('close', (code) =>
      code === 1000 || frames.length >= enough
        ? resolve(frames.slice(0, enough))
        : reject(new Error(`closed with ${code}`)),
    );
  });
}
