import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type WireInstruction = { programId: string; accounts: { pubkey: string }[]; data: string };
// biome-ignore lint/suspicious/noExplicitAny: the test changes the answer in ways that no type allows.
export type WireAnswer = Record<string, any> & {
  setupInstructions: WireInstruction[];
  swapInstruction: WireInstruction;
};

/** What becomes of the requests: passed on as they are, answered otherwise, or answered with a changed body. */
export type Mischief =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      headers?: Record<string, string>;
    }
  | { readonly kind: 'silence' }
  | { readonly kind: 'change'; readonly change: (answer: WireAnswer) => void };

export interface JupiterProxy {
  readonly url: string;
  mischief: Mischief;
  /** Queries and keys of the requests so far. */
  readonly requests: { readonly query: URLSearchParams; readonly key: string | undefined }[];
  close(): Promise<void>;
}

/** A real server before the devnet's swap API, which can fail as servers and those in between do. */
export async function startJupiterProxy(target: () => string): Promise<JupiterProxy> {
  const requests: JupiterProxy['requests'] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://proxy');
    requests.push({ query: url.searchParams, key: request.headers['x-api-key'] as string | undefined });
    void answer(`${target()}${url.pathname}${url.search}`, response);
  });

  async function answer(url: string, response: ServerResponse): Promise<void> {
    const { mischief } = proxy;
    if (mischief.kind === 'silence') return;
    if (mischief.kind === 'answer') {
      response.writeHead(mischief.status, mischief.headers).end(mischief.body);
      return;
    }
    const real = await fetch(url);
    const body = (await real.json()) as WireAnswer;
    if (mischief.kind === 'change' && real.ok) mischief.change(body);
    const limits = [...real.headers].filter(
      ([name]) => name.startsWith('x-ratelimit') || name === 'retry-after',
    );
    response.writeHead(real.status, Object.fromEntries(limits)).end(JSON.stringify(body));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: JupiterProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mischief: { kind: 'none' },
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
