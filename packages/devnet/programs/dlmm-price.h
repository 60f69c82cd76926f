/* Prices of bins. Formula: MeteoraAg/dlmm-sdk, commons/src/math/u64x64_math.rs, with its very truncations. */
#ifndef DLMM_PRICE_H
#define DLMM_PRICE_H

#include "meteora-dlmm.h"
#include "wide-math.h"

/* An exponent of this many bits or more is refused. */
#define EXPONENT_BITS 19

/* out = floor(a * b / 2^64), a and b below 2^128. */
INLINE void multiply_q64(Wide *out, const Wide *a, const Wide *b) {
  Wide product;
  wide_multiply(&product, a, b);
  wide_shift_right_64(out, &product);
}

/* floor((2^128 - 1) / value) */
static NOINLINE void invert_q64(Wide *out, const Wide *value) {
  Wide most = {{~0ULL, ~0ULL, 0, 0}}, remainder;
  wide_divide(out, &remainder, &most, value);
}

/* Y per X in Q64.64 of the bin `id`: (1 + step / 10000)^id. */
static NOINLINE u64 bin_price(Wide *price, u64 step, i64 id) {
  Wide square, shifted = {{0, step, 0, 0}}, divisor;
  wide_set(price, 0);
  price->limb[1] = 1;
  if (id == 0) return 0;
  u64 bits = (u64)(id < 0 ? -id : id);
  if (bits >> EXPONENT_BITS) return DLMM_MATH_OVERFLOW;
  /* A base of one or more is inverted first, so that the squares shrink; so the result of a positive id is inverted. */
  wide_set(&divisor, BASIS_POINTS);
  wide_divide_rounded(&square, &shifted, &divisor, ROUND_DOWN);
  square.limb[1] += 1;
  invert_q64(&square, &square);
  for (;; bits >>= 1) {
    if (bits & 1) multiply_q64(price, price, &square);
    if (bits <= 1) break;
    multiply_q64(&square, &square, &square);
  }
  if (wide_is_zero(price)) return DLMM_MATH_OVERFLOW;
  if (id > 0) invert_q64(price, price);
  return 0;
}

#endif
