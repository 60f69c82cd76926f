import { pointAt, type SysvarClock } from '../clock.ts';
import { U64_MAX } from '../integer.ts';
import type { Pool } from '../pool.ts';
import type { TransferFee } from '../transfer-fee.ts';
import { compileCurve } from './compile-curve.ts';
import { Curve } from './curve.ts';
import { type ExactPlan, executeSplit } from './execute-split.ts';
import type { Edge, Flow } from './flow.ts';
import { type ReduceProblem, reduceLegs } from './reduce-legs.ts';
import { isWithin, type LegCost, type SearchLimits } from './search-limits.ts';
import { FlowSearch, ROUGH, solveFlow, solveFlowExactOut } from './solve-flow.ts';
import { type SplitLeg, splitOf } from './split.ts';

export interface RoutePool {
  readonly id: string;
  readonly pool: Pool;
  /** Mints of the pool's tokens 0 and 1. */
  readonly mints: readonly [string, string];
  readonly transferFees?: readonly [TransferFee | null, TransferFee | null] | undefined;
  /** The part of a transaction that a leg through this pool uses; absent: none. */
  readonly cost?: LegCost;
}

export interface RouteLeg {
  readonly poolId: string;
  readonly inputIndex: 0 | 1;
  readonly tokenIn: string;
  readonly tokenOut: string;
  /** Base units sent and received by the user, transfer fees included. */
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  readonly feeIn: bigint;
  readonly feeOut: bigint;
}

/** Legs in the order in which they run; every amount computed by the pools' own integer mathematics. */
export interface RoutePlan {
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  readonly legs: readonly RouteLeg[];
}

export type RouteOutcome =
  | { readonly outcome: 'routed'; readonly plan: RoutePlan }
  | { readonly outcome: 'noRoute'; readonly reason: 'unknown-token' | 'no-liquidity' | 'over-limits' };

export interface RouteOptions {
  /** Mints. */
  readonly tokenIn: string;
  readonly tokenOut: string;
  readonly limits?: SearchLimits;
  /** Price of one more leg, base units of the output token: a leg must earn more than this. */
  readonly costPerLeg?: bigint;
}

interface Market {
  readonly edges: readonly Edge[];
  readonly pools: readonly RoutePool[];
  readonly tokens: readonly string[];
  readonly tokenNumbers: ReadonlyMap<string, number>;
}

const NO_COST: LegCost = { accounts: 0, bytes: 0, computeUnits: 0 };
const NO_CURVE = new Curve([]);
const NO_LIQUIDITY = { outcome: 'noRoute', reason: 'no-liquidity' } as const;
const OVER_LIMITS = { outcome: 'noRoute', reason: 'over-limits' } as const;

/**
 * Finds split routes over its pools. The router compiles a pool's curves when the pool is set, so a search uses floats
 * only; the plan is then executed in integers. See docs/routing.md.
 */
export class Router {
  readonly #pools = new Map<string, { pool: RoutePool; curves: readonly [Curve, Curve] }>();
  #clock: SysvarClock;
  #market: Market | null = null;

  constructor(pools: Iterable<RoutePool>, clock: SysvarClock) {
    this.#clock = clock;
    for (const pool of pools) this.set(pool, clock);
  }

  /** Adds or replaces a pool. Fees that depend on time are taken at `clock`. */
  set(pool: RoutePool, clock: SysvarClock): void {
    this.#clock = clock;
    const curves = [compileFor(pool, 0, clock), compileFor(pool, 1, clock)] as const;
    this.#pools.set(pool.id, { pool, curves });
    this.#market = null;
  }

  remove(poolId: string): void {
    this.#pools.delete(poolId);
    this.#market = null;
  }

  /** The plan with the most output for exactly `amountIn` base units. */
  routeExactIn(amountIn: bigint, options: RouteOptions): RouteOutcome {
    const search = this.#begin(options);
    if (!search) return { outcome: 'noRoute', reason: 'unknown-token' };
    const { problem } = search;
    const everywhere = new FlowSearch(problem);
    if (!everywhere.fill(Number(amountIn))) return NO_LIQUIDITY;
    // If the limits will remove legs, more precision would be wasted.
    if (isUnlimited(problem) || isFree(problem, everywhere.improve(ROUGH))) everywhere.improve();
    const full = everywhere.flow;
    const kept = keptLegs(problem, full, Number(amountIn));
    if (!kept) return OVER_LIMITS;
    const solved = flowOver(problem, kept, full, (own, legs) => refined(own, legs, Number(amountIn)));
    const plan = solved && this.#execute(search, solved.split, amountIn);
    return plan ? { outcome: 'routed', plan: describe(search.market, plan, amountIn) } : NO_LIQUIDITY;
  }

  /** The plan with the least input that gives at least `amountOut` base units. */
  routeExactOut(amountOut: bigint, options: RouteOptions): RouteOutcome {
    const search = this.#begin(options);
    if (!search) return { outcome: 'noRoute', reason: 'unknown-token' };
    const { problem } = search;
    const full = solveFlowExactOut(problem, Number(amountOut));
    if (!full) return NO_LIQUIDITY;
    const kept = keptLegs(problem, full, -full.netOut(problem.tokenIn));
    if (!kept) return OVER_LIMITS;
    const solved = flowOver(problem, kept, full, (own) => solveFlowExactOut(own, Number(amountOut)));
    if (!solved) return OVER_LIMITS;
    const { flow, split } = solved;
    const found = leastInput(
      { amountOut, estimate: -flow.netOut(problem.tokenIn), output: flow.netOut(problem.tokenOut) },
      (amountIn) => this.#execute(search, split, amountIn),
    );
    if (!found) return NO_LIQUIDITY;
    return { outcome: 'routed', plan: describe(search.market, found.plan, found.amountIn) };
  }

  #begin(options: RouteOptions): { market: Market; problem: ReduceProblem } | null {
    this.#market ??= this.#buildMarket();
    const market = this.#market;
    const tokenIn = market.tokenNumbers.get(options.tokenIn);
    const tokenOut = market.tokenNumbers.get(options.tokenOut);
    if (tokenIn === undefined || tokenOut === undefined || tokenIn === tokenOut) return null;
    const { limits = {}, costPerLeg = 0n } = options;
    const costs = market.pools.map(({ cost }) => cost ?? NO_COST);
    const { edges, tokens } = market;
    const tokenCount = tokens.length;
    return {
      market,
      problem: { edges, costs, tokenCount, tokenIn, tokenOut, limits, costPerLeg: Number(costPerLeg) },
    };
  }

  #buildMarket(): Market {
    const tokenNumbers = new Map<string, number>();
    const numberOf = (mint: string) => {
      const known = tokenNumbers.get(mint);
      if (known !== undefined) return known;
      tokenNumbers.set(mint, tokenNumbers.size);
      return tokenNumbers.size - 1;
    };
    const entries = [...this.#pools.values()];
    const edges = entries.map(({ pool, curves }) => ({
      tokens: [numberOf(pool.mints[0]), numberOf(pool.mints[1])] as const,
      curves,
    }));
    return { edges, pools: entries.map(({ pool }) => pool), tokens: [...tokenNumbers.keys()], tokenNumbers };
  }

  #execute(
    search: { market: Market; problem: ReduceProblem },
    split: readonly SplitLeg[],
    amountIn: bigint,
  ): ExactPlan | null {
    const { tokenIn, tokenOut } = search.problem;
    return executeSplit(
      split,
      { pools: search.market.pools, tokenIn, tokenOut, clock: this.#clock },
      amountIn,
    );
  }
}

/** Transfer fees are shares of the amounts around the swap, so they only scale the curve. */
function compileFor({ pool, transferFees }: RoutePool, inputIndex: 0 | 1, clock: SysvarClock): Curve {
  if (!isOpen(pool, clock)) return NO_CURVE;
  const curve = compileCurve(pool, inputIndex, clock);
  const feeIn = (transferFees?.[inputIndex]?.feeBps ?? 0) / 1e4;
  const feeOut = (transferFees?.[inputIndex === 0 ? 1 : 0]?.feeBps ?? 0) / 1e4;
  return feeIn === 0 && feeOut === 0 ? curve : curve.scaled({ keptIn: 1 - feeIn, keptOut: 1 - feeOut });
}

function isOpen({ window }: Pool, clock: SysvarClock): boolean {
  return window.isEnabled && pointAt(clock, window.pointKind) >= window.opensAt;
}

/** The legs to keep; all of them if the limits remove none. */
function keptLegs(problem: ReduceProblem, full: Flow, amountIn: number): readonly SplitLeg[] | 'all' | null {
  return isFree(problem, full) ? 'all' : reduceLegs(problem, full, amountIn);
}

const isUnlimited = ({ costPerLeg, limits }: ReduceProblem): boolean =>
  costPerLeg === 0 && Object.values(limits).every((limit) => limit === undefined);

function isFree({ costPerLeg, costs, limits, tokenOut }: ReduceProblem, flow: Flow): boolean {
  const used = splitOf(flow, tokenOut).map(({ edge }) => edge);
  return costPerLeg === 0 && isWithin(limits, costs, used);
}

/** The flow over the pools of the kept legs, and its legs. */
function flowOver(
  problem: ReduceProblem,
  kept: readonly SplitLeg[] | 'all',
  full: Flow,
  solve: (own: ReduceProblem, legs: readonly SplitLeg[]) => Flow | null,
): { readonly flow: Flow; readonly split: readonly SplitLeg[] } | null {
  if (kept === 'all') return { flow: full, split: splitOf(full, problem.tokenOut) };
  const edges = kept.map(({ edge }) => problem.edges[edge]!);
  const own = kept.map((leg, edge) => ({ ...leg, edge }));
  const flow = solve({ ...problem, edges }, own);
  if (!flow) return null;
  return {
    flow,
    split: splitOf(flow, problem.tokenOut).map((leg) => ({ ...leg, edge: kept[leg.edge]!.edge })),
  };
}

/** The best flow over the legs' pools, from their shares on. */
function refined(problem: ReduceProblem, legs: readonly SplitLeg[], amountIn: number): Flow | null {
  const search = new FlowSearch(problem);
  return search.resume(legs, amountIn) ? search.improve() : solveFlow({ ...problem, amountIn });
}

/** Approaches the least input with which a fixed split still gives the output. */
function leastInput(
  wanted: { amountOut: bigint; estimate: number; output: number },
  execute: (amountIn: bigint) => ExactPlan | null,
): { amountIn: bigint; plan: ExactPlan } | null {
  const rate = wanted.output / wanted.estimate;
  let amountIn = BigInt(Math.ceil(wanted.estimate));
  let best: { amountIn: bigint; plan: ExactPlan } | null = null;
  for (let round = 0; round < 12; round += 1) {
    if (amountIn <= 0n || amountIn > U64_MAX) break;
    const plan = execute(amountIn);
    const surplus = (plan?.amountOut ?? 0n) - wanted.amountOut;
    if (plan && surplus >= 0n && (!best || amountIn < best.amountIn)) best = { amountIn, plan };
    const step = BigInt(Math.trunc(Number(surplus) / rate));
    const next = surplus >= 0n ? amountIn - step : amountIn - step + 1n;
    if (next === amountIn || (best && next >= best.amountIn)) break;
    amountIn = next;
  }
  return best;
}

function describe(market: Market, plan: ExactPlan, amountIn: bigint): RoutePlan {
  const legs = plan.legs.map((leg) => ({
    poolId: market.pools[leg.edge]!.id,
    inputIndex: leg.inputIndex,
    tokenIn: market.tokens[leg.tokenIn]!,
    tokenOut: market.tokens[leg.tokenOut]!,
    amountIn: leg.amountIn,
    amountOut: leg.amountOut,
    feeIn: leg.feeIn,
    feeOut: leg.feeOut,
  }));
  return { amountIn, amountOut: plan.amountOut, legs };
}
