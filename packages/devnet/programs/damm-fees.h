/*
 * The fee of a DAMM v2 pool: a base fee that may fall with time or with the price, and a dynamic part that
 * rises with recent price moves. Rates are numerators per 1,000,000,000.
 *
 * Every function returns a DammError, 0 for none.
 */
#ifndef DAMM_FEES_H
#define DAMM_FEES_H

#include "damm-rate-limiter.h"
#include "meteora-damm-v2.h"
#include "wide-math.h"

/* floor(a * b / 2^64) for numbers in Q64.64 of at most 128 bits. */
static NOINLINE void multiply_q64(Wide *out, const Wide *a, const Wide *b) {
  Wide product;
  wide_multiply(&product, a, b);
  wide_shift_right_64(out, &product);
}

/* base^exponent in Q64.64 for base < 1, squaring and truncating bit by bit as the program does; 0 when it vanishes. */
static NOINLINE void power_q64(Wide *out, const Wide *base, u32 exponent) {
  Wide result = {{0, 1, 0, 0}}, square;
  wide_copy(&square, base);
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) multiply_q64(&result, &result, &square);
    multiply_q64(&square, &square, &square);
  }
  wide_copy(out, &result);
}

/* cliff * (1 - reduction / 10,000) ^ period, where reduction and base are truncated to Q64.64. */
static NOINLINE u64 exponential_fee(u64 *fee, u64 cliff, u64 reduction_bps, u32 period) {
  *fee = cliff;
  if (reduction_bps == 0) return 0;
  Wide scaled = {{0, reduction_bps, 0, 0}}, step, remainder, divisor, base, power, wide_cliff, result;
  Wide one = {{0, 1, 0, 0}};
  wide_set(&divisor, BASIS_POINTS);
  wide_divide(&step, &remainder, &scaled, &divisor);
  if (wide_subtract(&base, &one, &step)) return DAMM_MATH_OVERFLOW;
  if (period == 0) return 0;
  power_q64(&power, &base, period);
  if (wide_is_zero(&power)) return DAMM_MATH_OVERFLOW;
  wide_set(&wide_cliff, cliff);
  if (wide_multiply_divide(&result, &wide_cliff, &power, &one, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
  *fee = result.limb[0];
  return 0;
}

static NOINLINE u64 linear_fee(u64 *fee, u64 cliff, u64 reduction, u32 period) {
  u64 factors[2] = {reduction, period}, reduced;
  if (multiply_divide(&reduced, factors, 1, ROUND_DOWN) || reduced > cliff) return DAMM_MATH_OVERFLOW;
  *fee = cliff - reduced;
  return 0;
}

/* How many periods have passed on the time scheduler. */
INLINE u64 time_period(const u8 *pool, u64 current_point, u64 frequency) {
  u64 activation = load_u64(pool + POOL_ACTIVATION_POINT), last = load_u16(pool + POOL_PERIOD_COUNT);
  if (current_point < activation) return last;
  u64 period = (current_point - activation) / frequency;
  return period < last ? period : last;
}

/* How many price steps above its first price the pool stands; after the expiration it is all of them. */
static NOINLINE u64 market_cap_period(u64 *period, const u8 *pool, u64 current_point) {
  u64 activation = load_u64(pool + POOL_ACTIVATION_POINT), last = load_u16(pool + POOL_PERIOD_COUNT);
  u64 expiration = activation;
  if (add_checked(&expiration, load_u32(pool + POOL_SCHEDULER_EXPIRATION))) return DAMM_MATH_OVERFLOW;
  *period = last;
  if (current_point > expiration || current_point < activation) return 0;

  Wide price, first, rise, factor, steps, remainder, step;
  wide_load_u128(&price, pool + POOL_SQRT_PRICE);
  wide_load_u128(&first, pool + POOL_INIT_SQRT_PRICE);
  *period = 0;
  if (!wide_is_less(&first, &price)) return 0;
  wide_subtract(&rise, &price, &first);
  wide_set(&factor, BASIS_POINTS);
  wide_set(&step, load_u32(pool + POOL_SQRT_PRICE_STEP_BPS));
  if (wide_multiply_divide(&steps, &rise, &factor, &first, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
  if (wide_divide(&steps, &remainder, &steps, &step)) return DAMM_MATH_OVERFLOW;
  *period = wide_fits_u64(&steps) && steps.limb[0] < last ? steps.limb[0] : last;
  return 0;
}

static NOINLINE u64 base_fee(u64 *fee, const u8 *pool, const FeeContext *context) {
  u64 current_point = context->current_point;
  u8 mode = pool[POOL_BASE_FEE_MODE];
  u64 cliff = load_u64(pool + POOL_CLIFF_FEE), reduction = load_u64(pool + POOL_REDUCTION_FACTOR), period;
  switch (mode) {
    case TIME_LINEAR:
    case TIME_EXPONENTIAL: {
      u64 frequency = load_u64(pool + POOL_PERIOD_FREQUENCY);
      *fee = cliff;
      if (frequency == 0) return 0;
      period = time_period(pool, current_point, frequency);
      break;
    }
    case MARKET_CAP_LINEAR:
    case MARKET_CAP_EXPONENTIAL: {
      u64 error = market_cap_period(&period, pool, current_point);
      if (error) return error;
      break;
    }
    case RATE_LIMITER:
      *fee = cliff;
      return is_rate_limited(pool, current_point, context->is_a_to_b) ? limited_fee(fee, pool, context) : 0;
    default:
      return DAMM_INVALID_BASE_FEE_MODE;
  }
  return mode == TIME_LINEAR || mode == MARKET_CAP_LINEAR ? linear_fee(fee, cliff, reduction, (u32)period)
                                                          : exponential_fee(fee, cliff, reduction, (u32)period);
}

/* ceil(control * (accumulator * bin_step)^2 / 10^11), from the accumulator as the last swap left it. */
static NOINLINE u64 dynamic_fee(Wide *fee, const u8 *dynamic) {
  Wide accumulator, factor, product, square, divisor;
  wide_set(fee, 0);
  if (!dynamic[DYNAMIC_INITIALIZED]) return 0;
  wide_load_u128(&accumulator, dynamic + DYNAMIC_ACCUMULATOR);
  wide_set(&factor, load_u16(dynamic + DYNAMIC_BIN_STEP));
  if (wide_multiply(&product, &accumulator, &factor) || !wide_fits_u128(&product)) return DAMM_MATH_OVERFLOW;
  if (wide_multiply(&square, &product, &product) || !wide_fits_u128(&square)) return DAMM_TYPE_CAST_FAILED;
  wide_set(&factor, load_u32(dynamic + DYNAMIC_CONTROL));
  wide_set(&divisor, 100000000000ULL);
  return wide_multiply_divide(fee, &square, &factor, &divisor, ROUND_UP) ? DAMM_MATH_OVERFLOW : 0;
}

/* The numerator that this swap pays: base and dynamic fee, capped by the pool's fee version. */
static NOINLINE u64 total_fee(u64 *numerator, const u8 *pool, const FeeContext *context) {
  Wide total, base, cap;
  u64 base_numerator;
  u64 error = base_fee(&base_numerator, pool, context);
  if (!error) error = dynamic_fee(&total, pool + POOL_DYNAMIC_FEE);
  if (error) return error;
  if (pool[POOL_FEE_VERSION] > 1) return DAMM_INVALID_FEE;
  wide_set(&base, base_numerator);
  wide_set(&cap, pool[POOL_FEE_VERSION] == 0 ? MAX_FEE_VERSION_0 : MAX_FEE_VERSION_1);
  if (wide_add(&total, &total, &base)) return DAMM_MATH_OVERFLOW;
  if (!wide_fits_u64(&total)) return DAMM_TYPE_CAST_FAILED;
  *numerator = wide_is_less(&total, &cap) ? total.limb[0] : cap.limb[0];
  return 0;
}

/* Twice the number of bins between two square-root prices, approximated as the program does. */
static NOINLINE u64 bins_between(Wide *bins, const u8 *dynamic, const Wide *a, const Wide *b) {
  const Wide *high = wide_is_less(a, b) ? b : a, *low = wide_is_less(a, b) ? a : b;
  Wide one = {{0, 1, 0, 0}}, ratio, step, remainder;
  if (wide_multiply_divide(&ratio, high, &one, low, ROUND_DOWN) || !wide_fits_u128(&ratio)) return DAMM_TYPE_CAST_FAILED;
  wide_load_u128(&step, dynamic + DYNAMIC_BIN_STEP_Q64);
  wide_subtract(&ratio, &ratio, &one);
  if (wide_divide(bins, &remainder, &ratio, &step)) return DAMM_MATH_OVERFLOW;
  return wide_add(bins, bins, bins) || !wide_fits_u128(bins) ? DAMM_MATH_OVERFLOW : 0;
}

/* Before a swap: after a quiet time the reference price moves here, and the old volatility decays or is forgotten. */
static NOINLINE u64 update_volatility_reference(u8 *pool, u64 now) {
  u8 *dynamic = pool + POOL_DYNAMIC_FEE;
  if (!dynamic[DYNAMIC_INITIALIZED]) return 0;
  u64 last = load_u64(dynamic + DYNAMIC_LAST_UPDATE), elapsed = now > last ? now - last : 0;
  if (elapsed < load_u16(dynamic + DYNAMIC_FILTER_PERIOD)) return 0;

  Wide price, reference, accumulator, factor, divisor;
  wide_load_u128(&price, pool + POOL_SQRT_PRICE);
  wide_store_u128(dynamic + DYNAMIC_SQRT_PRICE_REFERENCE, &price);
  wide_set(&reference, 0);
  if (elapsed < load_u16(dynamic + DYNAMIC_DECAY_PERIOD)) {
    wide_load_u128(&accumulator, dynamic + DYNAMIC_ACCUMULATOR);
    wide_set(&factor, load_u16(dynamic + DYNAMIC_REDUCTION_FACTOR));
    wide_set(&divisor, BASIS_POINTS);
    if (wide_multiply_divide(&reference, &accumulator, &factor, &divisor, ROUND_DOWN)) return DAMM_MATH_OVERFLOW;
    if (!wide_fits_u128(&reference)) return DAMM_MATH_OVERFLOW;
  }
  wide_store_u128(dynamic + DYNAMIC_REFERENCE, &reference);
  return 0;
}

/* After a swap: what it moved the price by becomes volatility, which the next swap pays for. */
static NOINLINE u64 update_volatility(u8 *pool, const Wide *old_price, const Wide *new_price, u64 now) {
  u8 *dynamic = pool + POOL_DYNAMIC_FEE;
  if (!dynamic[DYNAMIC_INITIALIZED]) return 0;
  Wide reference_price, bins, scale, volatility, reference, cap;
  wide_load_u128(&reference_price, dynamic + DYNAMIC_SQRT_PRICE_REFERENCE);
  u64 error = bins_between(&bins, dynamic, new_price, &reference_price);
  if (error) return error;
  wide_set(&scale, BASIS_POINTS);
  if (wide_multiply(&volatility, &bins, &scale)) return DAMM_MATH_OVERFLOW;
  wide_load_u128(&reference, dynamic + DYNAMIC_REFERENCE);
  if (wide_add(&volatility, &volatility, &reference) || !wide_fits_u128(&volatility)) return DAMM_MATH_OVERFLOW;
  wide_set(&cap, load_u32(dynamic + DYNAMIC_MAX_ACCUMULATOR));
  wide_store_u128(dynamic + DYNAMIC_ACCUMULATOR, wide_is_less(&cap, &volatility) ? &cap : &volatility);

  error = bins_between(&bins, dynamic, old_price, new_price);
  if (error) return error;
  if (!wide_is_zero(&bins)) store_u64(dynamic + DYNAMIC_LAST_UPDATE, now);
  return 0;
}

#endif
