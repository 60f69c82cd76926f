import { compileCurve } from '../../src/routing/compile-curve.ts';
import { executeSplit } from '../../src/routing/execute-split.ts';
import { Flow } from '../../src/routing/flow.ts';
import { splitOf } from '../../src/routing/split.ts';
import type { ScoreMarket } from './read-markets.ts';

/**
 * How others route, to compare with: each returns the output of its plan in integers, zero where it finds none.
 * Their curves are compiled beforehand, as the router's are.
 */
export const PEERS: Record<string, (market: PeerMarket) => bigint> = {
  'best single venue': (market) => bestOf(market, pathsOf(market, 1)),
  'best single path, 3 hops': (market) => bestOf(market, pathsOf(market, 3)),
  '5 % grid, 7 splits': gridSplit,
  '100-chunk greedy, 4 hops': greedyChunks,
};

export interface PeerMarket {
  readonly market: ScoreMarket;
  readonly edges: Flow['edges'];
  readonly tokenCount: number;
  readonly tokenIn: number;
  readonly tokenOut: number;
}

/** Pools in turn, from the input token to the output token. */
export type Path = readonly number[];

/** @param isWhole Curves to the very last tick or bin, for bounds; plans stop a little short of it. */
export function toPeerMarket(market: ScoreMarket, isWhole = false): PeerMarket {
  const tokens = [...new Set(market.pools.flatMap(({ mints }) => mints))];
  const edges = market.pools.map(({ pool, mints }) => ({
    tokens: [tokens.indexOf(mints[0]), tokens.indexOf(mints[1])] as const,
    curves: [
      compileCurve(pool, 0, market.clock, isWhole),
      compileCurve(pool, 1, market.clock, isWhole),
    ] as const,
  }));
  const [tokenIn, tokenOut] = [tokens.indexOf(market.tokenIn), tokens.indexOf(market.tokenOut)];
  return { market, edges, tokenCount: tokens.length, tokenIn, tokenOut };
}

/** All paths of at most `maxHops` pools that visit no token twice. */
export function pathsOf(market: PeerMarket, maxHops: number): Path[] {
  const found: Path[] = [];
  const extend = (path: number[], at: number, visited: number[]) => {
    if (at === market.tokenOut) {
      found.push(path);
      return;
    }
    if (path.length === maxHops) return;
    for (const [edge, { tokens }] of market.edges.entries()) {
      if (!tokens.includes(at)) continue;
      const next = tokens[0] === at ? tokens[1] : tokens[0];
      if (!visited.includes(next)) extend([...path, edge], next, [...visited, next]);
    }
  };
  extend([], market.tokenIn, [market.tokenIn]);
  return found;
}

function outOf(market: PeerMarket, flow: Flow, path: Path, amount: number): number {
  const probe = { out: 0, rate: 0 };
  let at = market.tokenIn;
  let moving = amount;
  for (const edge of path) {
    const { tokens } = market.edges[edge]!;
    if (flow.isUndo(edge, at) || !flow.probe(edge, at, moving, probe)) return 0;
    moving = probe.out;
    at = tokens[0] === at ? tokens[1] : tokens[0];
  }
  return moving;
}

function send(market: PeerMarket, flow: Flow, path: Path, amount: number): void {
  let at = market.tokenIn;
  let moving = amount;
  for (const edge of path) {
    const { tokens } = market.edges[edge]!;
    moving = flow.push(edge, at, moving);
    at = tokens[0] === at ? tokens[1] : tokens[0];
  }
}

function exactOut({ market, tokenIn, tokenOut }: PeerMarket, flow: Flow): bigint {
  const ends = { pools: market.pools, tokenIn, tokenOut, clock: market.clock };
  return executeSplit(splitOf(flow, tokenOut), ends, market.amountIn)?.amountOut ?? 0n;
}

function emptyFlow(market: PeerMarket): Flow {
  return new Flow(market.edges, market.tokenCount);
}

/** Tries the most promising paths exactly, since the best float may be refused. */
function bestOf(market: PeerMarket, paths: readonly Path[]): bigint {
  const amount = Number(market.market.amountIn);
  const empty = emptyFlow(market);
  const ranked = paths
    .map((path) => ({ path, out: outOf(market, empty, path, amount) }))
    .filter(({ out }) => out > 0)
    .sort((a, b) => b.out - a.out);
  for (const { path } of ranked.slice(0, 3)) {
    const flow = emptyFlow(market);
    send(market, flow, path, amount);
    const out = exactOut(market, flow);
    if (out > 0n) return out;
  }
  return 0n;
}

/** Twenty equal parts over at most seven paths that share no pool: the shape of Uniswap's order router. */
function gridSplit(market: PeerMarket): bigint {
  const amount = Number(market.market.amountIn);
  const empty = emptyFlow(market);
  const chosen: Path[] = [];
  const ranked = pathsOf(market, 3)
    .map((path) => ({ path, out: outOf(market, empty, path, amount / 20) }))
    .filter(({ out }) => out > 0)
    .sort((a, b) => b.out - a.out);
  for (const { path } of ranked) {
    if (chosen.length === 7) break;
    if (!path.some((edge) => chosen.some((other) => other.includes(edge)))) chosen.push(path);
  }
  return chunked(market, chosen, 20);
}

function greedyChunks(market: PeerMarket): bigint {
  return chunked(market, pathsOf(market, 4), 100);
}

/** Sends equal chunks, each along the path that gives the most for it at that moment. */
function chunked(market: PeerMarket, paths: readonly Path[], chunks: number): bigint {
  const chunk = Number(market.market.amountIn) / chunks;
  const flow = emptyFlow(market);
  for (let index = 0; index < chunks; index += 1) {
    let best: Path | null = null;
    let bestOut = 0;
    for (const path of paths) {
      const out = outOf(market, flow, path, chunk);
      if (out > bestOut) [best, bestOut] = [path, out];
    }
    if (!best) return 0n;
    send(market, flow, best, chunk);
  }
  return exactOut(market, flow);
}
