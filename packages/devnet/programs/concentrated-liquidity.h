/*
 * One constant liquidity between two prices. Prices are square roots of B per A in Q64.64; liquidity is
 * scaled by 2^128 in token B, so that, between two square-root prices low and high,
 *
 *   amount of A = liquidity * (high - low) / (low * high)
 *   amount of B = liquidity * (high - low) / 2^128
 *
 * Every function returns a DammError, 0 for none. Rounding is always in the pool's favor.
 */
#ifndef CONCENTRATED_LIQUIDITY_H
#define CONCENTRATED_LIQUIDITY_H

#include "meteora-damm-v2.h"
#include "wide-math.h"

typedef struct {
  Wide low;
  Wide high;
} PriceRange;

static NOINLINE u64 amount_a_between(Wide *amount, const Wide *liquidity, const PriceRange *range,
                                     enum Rounding rounding) {
  Wide span, product;
  if (wide_subtract(&span, &range->high, &range->low)) return DAMM_MATH_OVERFLOW;
  if (wide_multiply(&product, &range->low, &range->high)) return DAMM_MATH_OVERFLOW;
  return wide_multiply_divide(amount, liquidity, &span, &product, rounding) ? DAMM_MATH_OVERFLOW : 0;
}

static NOINLINE u64 amount_b_between(Wide *amount, const Wide *liquidity, const PriceRange *range,
                                     enum Rounding rounding) {
  Wide span, scale, one;
  if (wide_subtract(&span, &range->high, &range->low)) return DAMM_MATH_OVERFLOW;
  wide_set(&one, 1);
  wide_shift_left_128(&scale, &one);
  return wide_multiply_divide(amount, liquidity, &span, &scale, rounding) ? DAMM_MATH_OVERFLOW : 0;
}

/* The price after `amount` of A enters (is_in) or leaves: liquidity * price / (liquidity +- amount * price). */
static NOINLINE u64 price_after_a(Wide *next, const Wide *liquidity, const Wide *price, u64 amount, int is_in) {
  Wide moved, change, divisor;
  wide_set(&moved, amount);
  if (wide_multiply(&change, &moved, price)) return DAMM_MATH_OVERFLOW;
  int does_not_fit =
      is_in ? wide_add(&divisor, liquidity, &change) : wide_subtract(&divisor, liquidity, &change);
  if (does_not_fit || wide_is_zero(&divisor)) return DAMM_MATH_OVERFLOW;
  if (wide_multiply_divide(next, liquidity, price, &divisor, ROUND_UP)) return DAMM_MATH_OVERFLOW;
  return wide_fits_u128(next) ? 0 : DAMM_TYPE_CAST_FAILED;
}

/* The price after `amount` of B enters (is_in) or leaves: price +- amount * 2^128 / liquidity. */
static NOINLINE u64 price_after_b(Wide *next, const Wide *liquidity, const Wide *price, u64 amount, int is_in) {
  Wide moved, scaled, change;
  wide_set(&moved, amount);
  wide_shift_left_128(&scaled, &moved);
  if (wide_divide_rounded(&change, &scaled, liquidity, is_in ? ROUND_DOWN : ROUND_UP)) return DAMM_MATH_OVERFLOW;
  int does_not_fit = is_in ? wide_add(next, price, &change) : wide_subtract(next, price, &change);
  if (does_not_fit) return DAMM_MATH_OVERFLOW;
  return wide_fits_u128(next) ? 0 : DAMM_TYPE_CAST_FAILED;
}

#endif
