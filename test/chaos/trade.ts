import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** An event as a client receives it; the same object is in the database. */
export interface Frame {
  readonly sequence: number;
  readonly type: string;
  readonly status: string;
  readonly timestamp: string;
  readonly data: unknown;
}

/** One client's side of one order. */
export interface Story {
  readonly orderId: string;
  readonly received: readonly Frame[];
  /** What the engine may never do to a client, in words. */
  readonly complaints: readonly string[];
  /** Answers and sockets that broke before their end. */
  readonly interruptions: number;
}

export interface TradeOptions {
  /** Repeated until it is answered: never two orders. */
  readonly idempotencyKey: string;
  readonly body: object;
  readonly apiKey: string;
  /** Any API process that is said to live; another one each time. */
  readonly apiUrl: () => string;
  /** The client gives up when it aborts. */
  readonly signal: AbortSignal;
}

const ANSWER_TIMEOUT_MS = 5_000;
// A stopped process keeps its sockets open and says nothing: a client that hears nothing asks somewhere else.
const SILENCE_MS = 6_000;
const PAUSE_MS = 200;

/** Submits an order and follows its stream to the end, through whatever happens to the processes behind the API. */
export async function trade(options: TradeOptions): Promise<Story | undefined> {
  const complaints: string[] = [];
  const received: Frame[] = [];
  let interruptions = 0;
  const orderId = await submit(options, () => (interruptions += 1), complaints);
  if (orderId === undefined) return undefined;
  while (!options.signal.aborted) {
    const code = await follow(options, orderId, received, complaints);
    if (code === 1000) return { orderId, received, complaints, interruptions };
    interruptions += 1;
    await sleep(PAUSE_MS);
  }
  return { orderId, received, complaints: [...complaints, 'its stream did not end'], interruptions };
}

async function submit(
  { idempotencyKey, body, apiKey, apiUrl, signal }: TradeOptions,
  interrupted: () => void,
  complaints: string[],
): Promise<string | undefined> {
  while (!signal.aborted) {
    try {
      const response = await fetch(`${apiUrl()}/api/orders`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          authorization: `Bearer ${apiKey}`,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      const answer = await response.text();
      if (response.ok) return (JSON.parse(answer) as { orderId: string }).orderId;
      if (response.status < 500) complaints.push(`refused with ${response.status}: ${answer}`);
    } catch {
      // Broken or late: the same key is sent again.
    }
    interrupted();
    await sleep(PAUSE_MS);
  }
  return undefined;
}

/** Reads the stream from where it was left; the code with which it closed. */
async function follow(
  { apiKey, apiUrl, signal }: TradeOptions,
  orderId: string,
  received: Frame[],
  complaints: string[],
): Promise<number> {
  const last = () => received.at(-1)?.sequence ?? 0;
  const url = `${apiUrl().replace('http', 'ws')}/api/orders/${orderId}/stream?after=${last()}`;
  const socket = new WebSocket(url, {
    handshakeTimeout: SILENCE_MS,
    headers: { authorization: `Bearer ${apiKey}` },
  });
  let silence = setTimeout(() => socket.terminate(), SILENCE_MS);
  const hangUp = () => socket.terminate();
  signal.addEventListener('abort', hangUp);
  socket.on('error', () => {}); // It closes too.
  socket.on('message', (text) => {
    clearTimeout(silence);
    silence = setTimeout(() => socket.terminate(), SILENCE_MS);
    const frame = JSON.parse(String(text)) as Frame;
    if (frame.sequence !== last() + 1) complaints.push(`${frame.sequence} came after ${last()}`);
    received.push(frame);
  });
  const code = await new Promise<number>((resolve) => socket.on('close', resolve));
  clearTimeout(silence);
  signal.removeEventListener('abort', hangUp);
  return code;
}
