import type { PointKind, SysvarClock } from './clock.ts';

/** Which of a pool's two tokens is the input: 0 is token 0, A, X or coin; 1 is token 1, B, Y or pc. */
export type TokenIndex = 0 | 1;

export interface ExactInRequest {
  readonly inputIndex: TokenIndex;
  /** Base units of the input token. */
  readonly amountIn: bigint;
  readonly clock: SysvarClock;
}

/** A request for a partial fill: `amountIn` is the maximum input. */
export type PartialFillRequest = ExactInRequest;

export interface ExactOutRequest {
  readonly inputIndex: TokenIndex;
  /** Base units of the output token. */
  readonly amountOut: bigint;
  readonly clock: SysvarClock;
}

/** The amounts of one swap, base units. `feeIn` is part of `amountIn`; `feeOut` comes on top of `amountOut`. */
export interface Swap {
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  /** Trading fees taken from the input token. */
  readonly feeIn: bigint;
  /** Trading fees withheld from the output token. */
  readonly feeOut: bigint;
}

/** Whether, and from when, a pool accepts swaps. */
export interface TradingWindow {
  readonly isEnabled: boolean;
  /** First point at which swaps are accepted, in the unit of `pointKind`. */
  readonly opensAt: bigint;
  readonly pointKind: PointKind;
}

/** A rate as a fraction: output base units per input base unit. */
export interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function otherIndex(index: TokenIndex): TokenIndex {
  return index === 0 ? 1 : 0;
}
