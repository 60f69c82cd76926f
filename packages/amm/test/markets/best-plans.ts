import { executeSplit } from '../../src/routing/execute-split.ts';
import { FlowSearch, type Precision } from '../../src/routing/solve-flow.ts';
import { splitOf } from '../../src/routing/split.ts';
import { LegBound } from './leg-bound.ts';
import type { PeerMarket } from './peers.ts';

export interface BestPlan {
  /** Output of the best plan found, executed in integers; 0 where none was found. */
  readonly out: bigint;
  /** No plan of as many legs gives more. */
  readonly bound: number;
  readonly nodes: number;
}

/** Plans this close to the bound, relatively, count as proven: a thousandth of a basis point. */
const PROVEN = 1e-7;
const PATIENT: Precision = { tolerance: 1e-9, maxRounds: 2_000, stallRounds: 64 };
const STEPS = 60;

interface Node {
  readonly banned: ReadonlySet<number>;
  readonly forced: readonly number[];
  readonly bound: number;
}

/**
 * The best plan of at most `maxLegs` legs, by branch and bound over which pools a plan uses. A node demands some pools and
 * excludes others; it is closed when no plan in it can beat the best one, by the bounds of `LegBound`. What the search
 * leaves open after `maxNodes` nodes stays in the returned bound, so the distance between plan and bound says how good the
 * reference is. The shares within a set of pools are found with the router's own flow search, patiently: a set that it
 * solved badly would leave the bound above the plan, and not go unnoticed.
 */
export function bestPlan(market: PeerMarket, maxLegs: number, maxNodes: number): BestPlan {
  return new Branches(market, maxLegs).run(maxNodes);
}

class Branches {
  readonly #market: PeerMarket;
  readonly #maxLegs: number;
  readonly #amountIn: number;
  readonly #bound: LegBound;
  readonly #seen = new Set<string>();
  #best: { value: number; edges: readonly number[]; prices: Float64Array } | null = null;

  constructor(market: PeerMarket, maxLegs: number) {
    this.#market = market;
    this.#maxLegs = maxLegs;
    this.#amountIn = Number(market.market.amountIn);
    this.#bound = new LegBound(market);
  }

  run(maxNodes: number): BestPlan {
    const open: Node[] = [{ banned: new Set(), forced: [], bound: Number.POSITIVE_INFINITY }];
    let nodes = 0;
    for (; open.length > 0 && nodes < maxNodes; nodes += 1) {
      const index = open.reduce((best, node, at) => (node.bound > open[best]!.bound ? at : best), 0);
      const [node] = open.splice(index, 1) as [Node];
      if (node.bound <= this.#target()) continue;
      open.push(...this.#branch(node));
    }
    const left = open.reduce((most, { bound }) => Math.max(most, bound), 0);
    const value = this.#best?.value ?? 0;
    return { out: this.#execute(), bound: Math.max(left, value * (1 + PROVEN)), nodes };
  }

  #target(): number {
    return (this.#best?.value ?? 0) * (1 + PROVEN);
  }

  #branch(node: Node): Node[] {
    const solved = this.#solve((edge) => !node.banned.has(edge));
    this.#offer(solved);
    const choice = { ...node, maxLegs: this.#maxLegs };
    const { bound, pools } = this.#bound.at(
      this.#amountIn,
      { prices: solved.prices, earnings: this.#bound.earningsAt(solved.prices) },
      choice,
    );
    this.#round(pools);
    let least = Math.min(node.bound, bound);
    for (const start of [this.#best?.prices, solved.prices]) {
      if (!start || least <= this.#target()) continue;
      const tight = this.#bound.tighten(this.#amountIn, start, choice, {
        target: this.#target(),
        steps: STEPS,
      });
      if (tight.bound >= least) continue;
      least = tight.bound;
      const { pools: chosen } = this.#bound.at(
        this.#amountIn,
        { prices: tight.prices, earnings: this.#bound.earningsAt(tight.prices) },
        choice,
      );
      this.#round(chosen);
    }
    if (least <= this.#target() || node.forced.length === this.#maxLegs) return [];
    if (solved.edges.length <= this.#maxLegs && bound <= this.#target()) return [];
    return this.#children(node, solved, least);
  }

  /** One child without each free pool that the solution uses, with those before it demanded. */
  #children(node: Node, solved: Solved, bound: number): Node[] {
    const earnings = this.#bound.earningsAt(solved.prices);
    const free = [...earnings.keys()]
      .filter((edge) => !node.banned.has(edge) && !node.forced.includes(edge))
      .filter((edge) => earnings[edge]! > 0 || solved.edges.includes(edge))
      .sort((a, b) => earnings[b]! - earnings[a]!);
    const room = this.#maxLegs - node.forced.length;
    return free.slice(0, room + 1).map((edge, index) => ({
      banned: new Set([...node.banned, edge]),
      forced: [...node.forced, ...free.slice(0, index)],
      bound,
    }));
  }

  /** A plan of these pools alone. */
  #round(pools: readonly number[]): void {
    const key = [...pools].sort((a, b) => a - b).join();
    if (this.#seen.has(key)) return;
    const solved = this.#solve((edge) => pools.includes(edge));
    this.#seen.add(key);
    this.#offer(solved);
  }

  #offer(solved: Solved): void {
    if (solved.edges.length <= this.#maxLegs && solved.value > (this.#best?.value ?? 0)) this.#best = solved;
  }

  /** A value of 0 says only that the search found no plan, not that there is none. */
  #solve(isAllowed: (edge: number) => boolean): Solved {
    const { edges, tokenCount, tokenIn, tokenOut } = this.#market;
    const own = [...edges.keys()].filter(isAllowed);
    const search = new FlowSearch({ edges: own.map((edge) => edges[edge]!), tokenCount, tokenIn, tokenOut });
    const isFilled = search.fill(this.#amountIn);
    const { flow } = search;
    if (isFilled) search.improve(PATIENT);
    const used = splitOf(flow, tokenOut).map(({ edge }) => own[edge]!);
    const prices = Float64Array.from({ length: tokenCount }, (_, token) => search.valueOf(token));
    return { value: isFilled ? flow.netOut(tokenOut) : 0, edges: used, prices: this.#completed(prices) };
  }

  /** A token without a price is worth what the best pool gives for it. */
  #completed(prices: Float64Array): Float64Array {
    const unknown = prices.map((price) => Number(price === 0));
    for (let round = 0; round < prices.length; round += 1) {
      for (const { tokens, curves } of this.#market.edges) {
        for (const index of [0, 1] as const) {
          const price = curves[index].slopeAfter(0) * prices[tokens[1 - index]!]!;
          if (unknown[tokens[index]] && price > prices[tokens[index]]!) prices[tokens[index]] = price;
        }
      }
    }
    return prices.map((price) => (price > 0 ? price : Number.MIN_VALUE * 2 ** 60));
  }

  #execute(): bigint {
    const { edges, tokenCount, tokenIn, tokenOut, market } = this.#market;
    if (!this.#best) return 0n;
    const own = this.#best.edges;
    const search = new FlowSearch({ edges: own.map((edge) => edges[edge]!), tokenCount, tokenIn, tokenOut });
    if (!search.fill(this.#amountIn)) return 0n;
    const legs = splitOf(search.improve(PATIENT), tokenOut).map((leg) => ({ ...leg, edge: own[leg.edge]! }));
    const ends = { pools: market.pools, tokenIn, tokenOut, clock: market.clock };
    return executeSplit(legs, ends, market.amountIn)?.amountOut ?? 0n;
  }
}

interface Solved {
  readonly value: number;
  readonly edges: readonly number[];
  readonly prices: Float64Array;
}
