import type { IncomingMessage } from 'node:http';
import { RAYDIUM_AMM_V4_PROGRAM } from '@oee/amm';
import type { DevnetNode } from '../node.ts';
import { METEORA_DAMM_V2_PROGRAM, METEORA_DLMM_PROGRAM, RAYDIUM_CPMM_PROGRAM } from '../pools/addresses.ts';
import { parseBuildRequest } from './build-request.ts';
import { buildSwap } from './build-swap.ts';
import { LABELS } from './plan-swap.ts';
import { SwapApiRefusal } from './swap-api-refusal.ts';

interface SwapApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function isSwapApi({ method }: IncomingMessage, { pathname }: URL): boolean {
  return method === 'GET' && pathname.startsWith('/swap/v2/');
}

/** Jupiter's `GET /swap/v2/build` and `/swap/v2/program-id-to-label`, answered from the devnet's own pools. */
export async function answerSwapApi(
  node: DevnetNode,
  request: IncomingMessage,
  url: URL,
): Promise<SwapApiAnswer> {
  try {
    const headers = node.swapGate.admit(request);
    return { status: 200, headers, body: await answerPath(node, url) };
  } catch (error) {
    if (!(error instanceof SwapApiRefusal)) throw error;
    return { status: error.status, headers: error.headers, body: { error: error.message } };
  }
}

async function answerPath(node: DevnetNode, { pathname, searchParams }: URL): Promise<unknown> {
  if (pathname === '/swap/v2/build') return buildSwap(node, parseBuildRequest(searchParams));
  if (pathname === '/swap/v2/program-id-to-label') {
    return {
      [RAYDIUM_CPMM_PROGRAM]: LABELS['raydium-cpmm'],
      [RAYDIUM_AMM_V4_PROGRAM]: LABELS['raydium-amm-v4'],
      [METEORA_DAMM_V2_PROGRAM]: LABELS['meteora-damm-v2'],
      [METEORA_DLMM_PROGRAM]: LABELS['meteora-dlmm'],
    };
  }
  throw new SwapApiRefusal(404, `There is no GET ${pathname} here; /swap/v2/build is`);
}
