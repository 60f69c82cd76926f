import type { PoolMarket } from './valuation.ts';

/** Pools in turn that lead from one token of a plan to another, over tokens that the plan does not touch. */
export type Ear = readonly number[];

/** Most ears that one plan is offered. */
const MAX_EARS = 400;
/** Least relative gain at zero size. */
const LEAST_GAIN = 1e-9;

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
   * All ears that gain at zero size, of at most `maxLength` pools. Others cannot improve the plan, whatever it drops for
   * them: there are prices of the tokens in between at which none of their pools earns anything.
   *
   * @param own    Values of the tokens that the plan touches; 0 for the others.
   * @param onward Values with those of the others: what the best untouched pools give for them.
   */
  find(own: Float64Array, onward: Float64Array, used: readonly number[], maxLength: number): Ear[] {
    const found: Ear[] = [];
    const path: number[] = [];
    const visited = new Uint8Array(own.length);
    const extend = (at: number, rate: number, least: number): void => {
      for (const { edge, way, to } of this.#steps[at]!) {
        if (found.length >= MAX_EARS) return;
        const next = rate * this.#rates[way]!;
        if (visited[to] === 1 || next * onward[to]! <= least || used.includes(edge)) continue;
        path.push(edge);
        if (own[to]! > 0) found.push([...path]);
        else if (path.length < maxLength) {
          visited[to] = 1;
          extend(to, next, least);
          visited[to] = 0;
        }
        path.pop();
      }
    };
    for (let token = 0; token < own.length; token += 1) {
      if (own[token] === 0 || token === this.#market.tokenOut) continue;
      visited[token] = 1;
      extend(token, 1, own[token]! * (1 + LEAST_GAIN));
      visited[token] = 0;
    }
    return found;
  }
}
