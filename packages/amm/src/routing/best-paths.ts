import type { PoolMarket } from './valuation.ts';

/** The pools of the path with the most output for the whole input, for every number of pools up to `maxHops`. */
export function bestPaths(market: PoolMarket, amountIn: number, maxHops: number): number[][] {
  const { edges, tokenCount, tokenIn, tokenOut } = market;
  const found: number[][] = [];
  let amounts = new Float64Array(tokenCount);
  amounts[tokenIn] = amountIn;
  let paths: number[][] = Array.from({ length: tokenCount }, () => []);
  for (let hop = 0; hop < maxHops; hop += 1) {
    const nextAmounts = new Float64Array(tokenCount);
    const nextPaths: number[][] = Array.from({ length: tokenCount }, () => []);
    for (const [edge, { tokens, curves }] of edges.entries()) {
      for (const index of [0, 1] as const) {
        const [from, to] = [tokens[index], tokens[1 - index]!];
        const amount = amounts[from]!;
        const isOpen = amount > 0 && amount <= curves[index].maxIn && from !== tokenOut;
        if (!isOpen || paths[from]!.includes(edge)) continue;
        const out = curves[index].out(amount);
        if (out <= nextAmounts[to]!) continue;
        nextAmounts[to] = out;
        nextPaths[to] = [...paths[from]!, edge];
      }
    }
    [amounts, paths] = [nextAmounts, nextPaths];
    if (amounts[tokenOut]! > 0) found.push(paths[tokenOut]!);
  }
  return found;
}
