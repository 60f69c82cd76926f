/*
 * Fees of the DLMM: a base rate and one that grows with the bins that a swap crosses and decays with time.
 * Formulas: MeteoraAg/dlmm-sdk, commons/src/extensions/lb_pair.rs.
 */
#ifndef DLMM_FEES_H
#define DLMM_FEES_H

#include "meteora-dlmm.h"
#include "wide-math.h"

/* Ids of bins are signed, and the target has no signed division: this lifts all of them above zero. */
#define ID_OFFSET (BINS_PER_ARRAY * 10000)

/* Before a swap: after a quiet time the reference moves to the active bin, and old volatility decays or is forgotten. */
static NOINLINE u64 update_reference(u8 *pool, i64 now) {
  i64 last = (i64)load_u64(pool + POOL_LAST_UPDATE);
  i64 elapsed;
  if (__builtin_sub_overflow(now, last, &elapsed)) return DLMM_MATH_OVERFLOW;
  if (elapsed < load_u16(pool + POOL_FILTER_PERIOD)) return 0;
  store_u32(pool + POOL_INDEX_REFERENCE, load_u32(pool + POOL_ACTIVE_ID));
  /* The real program multiplies in 32 bits. */
  u64 product = 0;
  if (elapsed < load_u16(pool + POOL_DECAY_PERIOD))
    product = (u64)load_u32(pool + POOL_ACCUMULATOR) * load_u16(pool + POOL_REDUCTION_FACTOR);
  if (product >> 32) return DLMM_MATH_OVERFLOW;
  store_u32(pool + POOL_REFERENCE, (u32)(product / BASIS_POINTS));
  return 0;
}

/* What the distance of a bin from the reference makes of the volatility. Stored, as every bin that trades does. */
static NOINLINE void update_accumulator(u8 *pool, i64 id) {
  i64 distance = load_i32(pool + POOL_INDEX_REFERENCE) - id;
  u64 volatility = load_u32(pool + POOL_REFERENCE) + (u64)(distance < 0 ? -distance : distance) * BASIS_POINTS;
  u64 most = load_u32(pool + POOL_MAX_ACCUMULATOR);
  store_u32(pool + POOL_ACCUMULATOR, (u32)(volatility < most ? volatility : most));
}

/* Per 1e9; what is over the highest rate is not told exactly. */
INLINE u64 base_fee_rate(const u8 *pool) {
  u64 rate = (u64)load_u16(pool + POOL_BASE_FACTOR) * load_u16(pool + POOL_BIN_STEP) * 10;
  for (u8 i = 0; i < pool[POOL_BASE_FEE_POWER] && rate < MAX_FEE_RATE; i++) rate *= 10;
  return rate;
}

/* control * (accumulator * binStep)^2 / 1e11, rounded up. */
static NOINLINE u64 variable_fee_rate(const u8 *pool, u64 *rate) {
  Wide movement, square, control, divisor, result;
  wide_set(&movement, (u64)load_u32(pool + POOL_ACCUMULATOR) * load_u16(pool + POOL_BIN_STEP));
  if (wide_multiply(&square, &movement, &movement)) return DLMM_MATH_OVERFLOW;
  wide_set(&control, load_u32(pool + POOL_FEE_CONTROL));
  wide_set(&divisor, 100000000000ULL);
  if (wide_multiply_divide(&result, &square, &control, &divisor, ROUND_UP)) return DLMM_MATH_OVERFLOW;
  *rate = wide_fits_u64(&result) ? result.limb[0] : MAX_FEE_RATE;
  return 0;
}

/* The rate that the bin whose distance was accumulated last pays. */
static NOINLINE u64 total_fee_rate(const u8 *pool, u64 *rate) {
  u64 variable;
  u64 error = variable_fee_rate(pool, &variable);
  if (error) return error;
  u64 base = base_fee_rate(pool);
  *rate = variable >= MAX_FEE_RATE || base + variable >= MAX_FEE_RATE ? MAX_FEE_RATE : base + variable;
  return 0;
}

/* The fee inside an amount that contains it. */
static NOINLINE u64 fee_of_gross(u64 *fee, u64 amount, u64 rate) {
  u64 factors[2] = {amount, rate};
  return multiply_divide(fee, factors, FEE_PRECISION, ROUND_UP) ? DLMM_MATH_OVERFLOW : 0;
}

/* The fee that comes on top of an amount without it. */
static NOINLINE u64 fee_on_top(u64 *fee, u64 amount, u64 rate) {
  u64 factors[2] = {amount, rate};
  return multiply_divide(fee, factors, FEE_PRECISION - rate, ROUND_UP) ? DLMM_MATH_OVERFLOW : 0;
}

#endif
