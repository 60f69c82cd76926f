import type { Flow } from './flow.ts';
import { splitOf } from './split.ts';

/** Doublings of the step at most. */
const MAX_DOUBLINGS = 12;

/** Every pool's share of the token that it spends; 0 where it is idle. */
export function sharesOf(flow: Flow): Float64Array {
  const spent = new Float64Array(flow.tokenCount);
  const shares = new Float64Array(flow.edges.length);
  for (let edge = 0; edge < shares.length; edge += 1)
    if (!flow.isIdle(edge)) spent[flow.tokenIn(edge)]! += flow.amountIn[edge]!;
  for (let edge = 0; edge < shares.length; edge += 1)
    if (!flow.isIdle(edge)) shares[edge] = flow.amountIn[edge]! / spent[flow.tokenIn(edge)]!;
  return shares;
}

/**
 * Moves the flow further in the direction in which it has moved since `before`, twice as far each time, as long as the output
 * grows. Where a shallow pool lies beside a deep one, each cycle moves only what the shallow one takes, so hundreds of cycles
 * go the same way in small steps; this goes it in a few.
 */
export function extrapolate(
  flow: Flow,
  before: Float64Array,
  ends: { tokenIn: number; tokenOut: number },
): void {
  const now = sharesOf(flow);
  const order = splitOf(flow, ends.tokenOut).map(({ edge }) => edge);
  const amountIn = -flow.netOut(ends.tokenIn);
  const amounts = new Float64Array(flow.edges.length);
  let best: Float64Array | null = null;
  let most = flow.netOut(ends.tokenOut);
  for (let step = 1; step <= 2 ** MAX_DOUBLINGS; step *= 2) {
    const out = outputAt(
      flow,
      order,
      (edge) => Math.max(0, now[edge]! + step * (now[edge]! - before[edge]!)),
      {
        ...ends,
        amountIn,
        amounts,
      },
    );
    if (out <= most) break;
    most = out;
    best = amounts.slice();
  }
  if (!best) return;
  for (let edge = 0; edge < best.length; edge += 1) if (!flow.isIdle(edge)) flow.set(edge, best[edge]!);
}

/** Output of the flow with these shares, and the pools' inputs into `amounts`; 0 where a pool cannot take its share. */
function outputAt(
  flow: Flow,
  order: readonly number[],
  shareOf: (edge: number) => number,
  run: { tokenIn: number; tokenOut: number; amountIn: number; amounts: Float64Array },
): number {
  const available = new Float64Array(flow.tokenCount);
  const wanted = new Float64Array(flow.tokenCount);
  available[run.tokenIn] = run.amountIn;
  for (const edge of order) wanted[flow.tokenIn(edge)]! += shareOf(edge);
  run.amounts.fill(0);
  for (const edge of order) {
    const token = flow.tokenIn(edge);
    if (wanted[token] === 0) continue;
    const amount = (available[token]! * shareOf(edge)) / wanted[token]!;
    if (amount > flow.curve(edge).maxIn) return 0;
    run.amounts[edge] = amount;
    available[flow.tokenOut(edge)]! += flow.curve(edge).out(amount);
  }
  return available[run.tokenOut]!;
}
