import type { IncomingMessage } from 'node:http';
import { ALL_KINDS } from '../market/kinds/pool-kinds.ts';
import type { DevnetNode } from '../node.ts';
import { parseBuildRequest } from './build-request.ts';
import { buildSwap } from './build-swap.ts';
import { parseQuoteRequest, quoteSwap } from './quote-swap.ts';
import { NoRoute, SwapApiRefusal } from './swap-api-refusal.ts';
import { parseSwapRequest } from './swap-request.ts';
import { swapInstructions, swapTransaction } from './swap-transaction.ts';

interface SwapApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface SwapApiRequest {
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const PROGRAM_LABELS = Object.fromEntries(ALL_KINDS.map(({ program, label }) => [program, label]));

/** The endpoints of Jupiter that the devnet serves, of both versions. */
const ROUTES: Readonly<Record<string, (node: DevnetNode, request: SwapApiRequest) => unknown>> = {
  'GET /swap/v2/build': (node, { query }) => buildSwap(node, parseBuildRequest(query)),
  'GET /swap/v2/program-id-to-label': () => PROGRAM_LABELS,
  'GET /swap/v1/quote': (node, { query }) => quoteSwap(node, parseQuoteRequest(query)),
  'POST /swap/v1/swap': (node, { body }) => swapTransaction(node, parseSwapRequest(node, body)),
  'POST /swap/v1/swap-instructions': (node, { body }) => swapInstructions(node, parseSwapRequest(node, body)),
  'GET /swap/v1/program-id-to-label': () => PROGRAM_LABELS,
};

export function isSwapApi({ method }: IncomingMessage, { pathname }: URL): boolean {
  const isAsked = method === 'GET' && /^\/swap\/v[12]\//.test(pathname);
  return isAsked || (method === 'POST' && pathname.startsWith('/swap/v1/'));
}

/** Answers Jupiter's API from the devnet's own pools. */
export async function answerSwapApi(
  node: DevnetNode,
  request: IncomingMessage,
  { url, body }: { readonly url: URL; readonly body: unknown },
): Promise<SwapApiAnswer> {
  const name = `${request.method} ${url.pathname}`;
  try {
    const headers = node.swapGate.admit(request);
    const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
    if (route === undefined)
      throw new SwapApiRefusal(404, `There is no ${name} here; ${Object.keys(ROUTES).join(', ')} are`);
    return { status: 200, headers, body: await route(node, { query: url.searchParams, body }) };
  } catch (error) {
    if (!(error instanceof SwapApiRefusal)) throw error;
    const isOld = url.pathname.startsWith('/swap/v1/');
    const body = error instanceof NoRoute && isOld ? NO_ROUTE_V1 : { error: error.message };
    return { status: error.status, headers: error.headers, body };
  }
}

/** The older version's error without a route. */
const NO_ROUTE_V1 = { error: 'Could not find any route', errorCode: 'COULD_NOT_FIND_ANY_ROUTE' };
