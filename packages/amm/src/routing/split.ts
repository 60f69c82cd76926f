import type { Flow } from './flow.ts';

/** Flows below this share of their token's outgoing flow are rounding noise. */
const DUST_SHARE = 1e-7;

/** A leg before its amounts are exact: which pool, which way, and its share of the token that it spends. */
export interface SplitLeg {
  readonly edge: number;
  readonly inputIndex: 0 | 1;
  readonly tokenIn: number;
  readonly tokenOut: number;
  /** Share of the available `tokenIn`, 0 to 1. */
  readonly share: number;
}

/**
 * The legs of a flow in an order in which they can run: all legs into a token before the legs out of it. The last leg
 * of a token is its widest, and takes the rest that rounding leaves.
 */
export function splitOf(flow: Flow, tokenOut: number): SplitLeg[] {
  const used = usedEdges(flow, tokenOut);
  const order = tokenOrder(flow, used);
  const legs: SplitLeg[] = [];
  for (const token of order) {
    const outgoing = used.filter((edge) => flow.tokenIn(edge) === token);
    const total = outgoing.reduce((sum, edge) => sum + flow.amountIn[edge]!, 0);
    outgoing.sort((a, b) => flow.amountIn[a]! - flow.amountIn[b]!);
    for (const edge of outgoing) {
      const inputIndex = flow.direction[edge] as 0 | 1;
      const share = flow.amountIn[edge]! / total;
      legs.push({ edge, inputIndex, tokenIn: token, tokenOut: flow.tokenOut(edge), share });
    }
  }
  return legs;
}

function usedEdges(flow: Flow, tokenOut: number): number[] {
  const leaving = new Float64Array(flow.tokenCount);
  const active: number[] = [];
  for (let edge = 0; edge < flow.edges.length; edge += 1) {
    if (flow.isIdle(edge) || flow.tokenIn(edge) === tokenOut) continue;
    active.push(edge);
    leaving[flow.tokenIn(edge)]! += flow.amountIn[edge]!;
  }
  return active.filter((edge) => flow.amountIn[edge]! > leaving[flow.tokenIn(edge)]! * DUST_SHARE);
}

/**
 * Orders the tokens so that every flow leads forward; removes flows that close a circle from `used`, smallest first.
 */
function tokenOrder(flow: Flow, used: number[]): number[] {
  for (;;) {
    const order: number[] = [];
    const waiting = new Int32Array(flow.tokenCount);
    for (const edge of used) waiting[flow.tokenOut(edge)]! += 1;
    for (let token = 0; token < flow.tokenCount; token += 1) if (waiting[token] === 0) order.push(token);
    for (let index = 0; index < order.length; index += 1) {
      for (const edge of used) {
        if (flow.tokenIn(edge) !== order[index]) continue;
        const next = flow.tokenOut(edge);
        waiting[next]! -= 1;
        if (waiting[next] === 0) order.push(next);
      }
    }
    if (order.length === flow.tokenCount) return order;
    const inOrder = new Set(order);
    const circular = used.filter((edge) => !inOrder.has(flow.tokenIn(edge)));
    circular.sort((a, b) => shareOf(flow, used, a) - shareOf(flow, used, b));
    used.splice(used.indexOf(circular[0]!), 1);
  }
}

function shareOf(flow: Flow, used: readonly number[], edge: number): number {
  let total = 0;
  for (const other of used) if (flow.tokenIn(other) === flow.tokenIn(edge)) total += flow.amountIn[other]!;
  return flow.amountIn[edge]! / total;
}
