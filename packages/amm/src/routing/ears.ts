import type { PoolMarket } from './valuation.ts';

/** Pools in turn that lead from one token of a plan to another, over tokens that the plan does not touch. */
export type Ear = readonly number[];

/** Ears that are shown for one plan at most. */
const MAX_EARS = 3_000;
/** Least relative gain at zero size. */
const LEAST_GAIN = 1e-9;

export interface EarsAsked {
  /** Values of the tokens that the plan touches; 0 for the others. */
  readonly own: Float64Array;
  /** Values with those of the others: what the best untouched pools give for them. */
  readonly onward: Float64Array;
  /** The plan's pools. */
  readonly used: readonly number[];
  readonly maxLength: number;
}

interface Step {
  readonly edge: number;
  readonly way: number;
  readonly to: number;
}

/**
 * Finds the paths that a plan can take up: any plan grows out of a single path by such ears, and any plan turns into any
 * other one by ears that it takes up and pools that it drops.
 */
export class EarSearch {
  readonly #market: PoolMarket;
  readonly #rates: Float64Array;
  /** Ways out of every token. */
  readonly #steps: readonly (readonly Step[])[];

  constructor(market: PoolMarket, rates: Float64Array) {
    this.#market = market;
    this.#rates = rates;
    const steps: Step[][] = Array.from({ length: market.tokenCount }, () => []);
    for (const [edge, { tokens }] of market.edges.entries()) {
      if (rates[edge * 2]! > 0) steps[tokens[0]]!.push({ edge, way: edge * 2, to: tokens[1] });
      if (rates[edge * 2 + 1]! > 0) steps[tokens[1]]!.push({ edge, way: edge * 2 + 1, to: tokens[0] });
    }
    this.#steps = steps;
  }

  /**
   * Shows the ears that gain at zero size, of at most `maxLength` pools. Others cannot improve the plan, whatever it drops for
   * them: there are prices of the tokens in between at which none of their pools earns anything.
   *
   * @param show Gets each ear as a list that changes afterwards.
   */
  each({ own, onward, used, maxLength }: EarsAsked, show: (ear: Ear) => void): void {
    const search = { own, onward, used, show, shown: 0, visited: new Uint8Array(own.length) };
    // The shorter first: they are fewer, and better plans differ by them more often.
    for (let length = 1; length <= maxLength; length += 1) {
      for (let token = 0; token < own.length; token += 1) {
        if (own[token] === 0 || token === this.#market.tokenOut) continue;
        search.visited[token] = 1;
        this.#extend(search, [], { at: token, rate: 1, left: length, least: own[token]! * (1 + LEAST_GAIN) });
        search.visited[token] = 0;
      }
    }
  }

  /** Adds all ears that go on from here with exactly `left` more pools. */
  #extend(
    search: EarsInSearch,
    path: number[],
    { at, rate, left, least }: { at: number; rate: number; left: number; least: number },
  ): void {
    const { own, onward, used, visited } = search;
    for (const { edge, way, to } of this.#steps[at]!) {
      if (search.shown >= MAX_EARS) return;
      if (visited[to] === 1 || own[to]! > 0 !== (left === 1)) continue;
      const next = rate * this.#rates[way]!;
      if (next * onward[to]! <= least || used.includes(edge)) continue;
      path.push(edge);
      if (left === 1) {
        search.show(path);
        search.shown += 1;
      } else {
        visited[to] = 1;
        this.#extend(search, path, { at: to, rate: next, left: left - 1, least });
        visited[to] = 0;
      }
      path.pop();
    }
  }
}

interface EarsInSearch extends Omit<EarsAsked, 'maxLength'> {
  readonly show: (ear: Ear) => void;
  shown: number;
  readonly visited: Uint8Array;
}
