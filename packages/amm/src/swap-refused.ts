/**
 * Why a pool's program would not execute a swap.
 *
 * - `disabled`                the pool's status forbids swaps
 * - `not-open-yet`            the pool opens at a later slot or time
 * - `zero-amount-in`          nothing goes in, or nothing is left after a transfer fee
 * - `zero-amount-out`         the input is too small to buy one base unit
 * - `insufficient-liquidity`  the pool does not hold that much, or runs out of ticks or bins on the way
 * - `price-out-of-range`      the swap would move the price outside the pool's bounds
 * - `not-exact`              an exact output ends inside limit orders, where the program's rounding cannot meet it
 * - `amount-over-u64`         an amount does not fit the 64 bits that a token amount has
 * - `math-overflow`           an intermediate value does not fit the program's width
 * - `invalid-pool`            the pool's own fields contradict each other
 */
export const REFUSAL_REASONS = [
  'disabled',
  'not-open-yet',
  'zero-amount-in',
  'zero-amount-out',
  'insufficient-liquidity',
  'price-out-of-range',
  'not-exact',
  'amount-over-u64',
  'math-overflow',
  'invalid-pool',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];

const SENTENCES: Record<RefusalReason, string> = {
  disabled: 'The pool does not accept swaps at present.',
  'not-open-yet': 'The pool has not opened yet.',
  'zero-amount-in': 'The amount that reaches the pool is zero; send more.',
  'zero-amount-out': 'The amount is too small to buy one base unit; send more.',
  'insufficient-liquidity': 'The pool does not hold enough liquidity; ask for less.',
  'price-out-of-range': "The swap would leave the pool's price range; ask for less.",
  'not-exact':
    'The limit orders of the pool cannot meet this output exactly; ask for a few units more or less.',
  'amount-over-u64': 'An amount does not fit 64 bits; ask for less.',
  'math-overflow': "An intermediate value does not fit the program's width; ask for less.",
  'invalid-pool': "The pool's fields contradict each other; read its accounts again.",
};

/** Thrown by the swap mathematics where the pool's program would fail. `quote` returns it as a value. */
export class SwapRefused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, detail?: string) {
    super(detail ? `${SENTENCES[reason]} (${detail})` : SENTENCES[reason]);
    this.name = 'SwapRefused';
    this.reason = reason;
  }
}
