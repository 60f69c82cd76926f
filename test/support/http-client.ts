import { Agent, request } from 'node:http';

/** The outcome of a request: an answer, or the error code of the connection. */
export interface Outcome {
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, unknown>;
  /** Such as ECONNRESET; null with an answer. */
  readonly error: string | null;
}

export interface Call {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
}

/** One request over Node's own client, which never repeats a request and distinguishes a reset from a refusal. */
export function call(url: string, { body, headers = {}, agent }: Call = {}): Promise<Outcome> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({ status: null, headers: {}, body: {}, error: error.code ?? error.message });
    const sent = request(
      url,
      {
        method: text === undefined ? 'GET' : 'POST',
        agent: agent ?? new Agent(),
        headers: {
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
          ...headers,
        },
      },
      (response) => {
        let received = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
        response.on('error', failed);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? null,
            headers: response.headers,
            body: readJson(received),
            error: null,
          }),
        );
      },
    );
    sent.on('error', failed);
    sent.end(text);
  });
}

function readJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}

/** The body of a new order. */
export const newOrder = (clientOrderId: string) => ({
  type: 'market',
  tokenIn: 'SOL',
  tokenOut: 'USDC',
  amountIn: '0.01',
  slippageBps: 500,
  clientOrderId,
});
