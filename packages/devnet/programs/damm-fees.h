/*
 * The fee of a DAMM v2 pool: a base fee that may fall with time or with the price, and a dynamic part that
 * rises with recent price moves. Rates are numerators per 1,000,000,000.
 *
 * Every function returns a DammError, 0 for none.
 */
#ifndef DAMM_FEES_H
#define DAMM_FEES_H

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

/* What a fee depends on beside the pool. */
typedef struct {
  u64 current_point;
  /* Of the input where a rate limiter reads it. */
  u64 amount;
  /* Whether the fee is a part of the amount or comes on top of it. */
  int is_included;
  int is_a_to_b;
} FeeContext;

/* Whether a rate limiter raises the fee with the size of this swap: only on B to A, inside its window. */
static NOINLINE int is_rate_limited(const u8 *pool, u64 current_point, int is_a_to_b) {
  int is_unused = !load_u16(pool + POOL_LIMITER_INCREMENT_BPS) && !load_u64(pool + POOL_LIMITER_DURATION) &&
                  !load_u64(pool + POOL_LIMITER_REFERENCE);
  if (pool[POOL_BASE_FEE_MODE] != RATE_LIMITER || is_unused || is_a_to_b) return 0;
  u64 activation = load_u64(pool + POOL_ACTIVATION_POINT), last = activation;
  if (add_checked(&last, load_u32(pool + POOL_LIMITER_DURATION))) return 1;
  return current_point >= activation && current_point <= last;
}

/* Every further reference amount of the input pays one increment more, up to the maximum. */
typedef struct {
  u64 cliff;
  u64 increment;
  u64 maximum;
  u64 reference;
  u64 last_step;
} Limiter;

static NOINLINE u64 read_limiter(Limiter *limiter, const u8 *pool) {
  u64 per_basis_point = FEE_DENOMINATOR / BASIS_POINTS;
  limiter->cliff = load_u64(pool + POOL_CLIFF_FEE);
  limiter->increment = load_u16(pool + POOL_LIMITER_INCREMENT_BPS) * per_basis_point;
  limiter->maximum = load_u32(pool + POOL_LIMITER_MAX_FEE_BPS) * per_basis_point;
  limiter->reference = load_u64(pool + POOL_LIMITER_REFERENCE);
  return 0;
}

static NOINLINE u64 find_last_step(Limiter *limiter) {
  if (limiter->cliff > limiter->maximum || limiter->increment == 0 || limiter->reference == 0)
    return DAMM_MATH_OVERFLOW;
  limiter->last_step = (limiter->maximum - limiter->cliff) / limiter->increment;
  return 0;
}

/* The average numerator over an amount that holds the fee, rounded up. */
static NOINLINE u64 limited_fee_of_included(u64 *numerator, Limiter *limiter, u64 amount) {
  *numerator = limiter->cliff;
  if (amount <= limiter->reference) return 0;
  u64 error = find_last_step(limiter);
  if (error) return error;
  u64 cliff = limiter->cliff, increment = limiter->increment, reference = limiter->reference;
  u64 whole = (amount - reference) / reference, rest = (amount - reference) % reference;
  u64 step = whole < limiter->last_step ? whole : limiter->last_step;
  Wide a, b, fee, rest_fee;
  wide_set(&a, reference);
  wide_set(&b, cliff + cliff * step + increment * step * (step + 1) / 2);
  wide_multiply(&fee, &a, &b);
  int is_last = whole >= limiter->last_step;
  wide_set(&a, is_last ? (whole - limiter->last_step) * reference + rest : rest);
  wide_set(&b, is_last ? limiter->maximum : cliff + increment * (whole + 1));
  wide_multiply(&rest_fee, &a, &b);
  wide_add(&fee, &fee, &rest_fee);
  wide_set(&b, FEE_DENOMINATOR);
  if (wide_divide_rounded(&rest_fee, &fee, &b, ROUND_UP) || !wide_fits_u64(&rest_fee)) return DAMM_TYPE_CAST_FAILED;
  u64 factors[2] = {rest_fee.limb[0], FEE_DENOMINATOR};
  return multiply_divide(numerator, factors, amount, ROUND_UP) ? DAMM_TYPE_CAST_FAILED : 0;
}

static NOINLINE u64 excluded_of(u64 *excluded, Limiter *limiter, u64 included) {
  u64 numerator, fee;
  u64 error = limited_fee_of_included(&numerator, limiter, included);
  if (error) return error;
  u64 factors[2] = {included, numerator};
  if (multiply_divide(&fee, factors, FEE_DENOMINATOR, ROUND_UP) || fee > included) return DAMM_MATH_OVERFLOW;
  *excluded = included - fee;
  return 0;
}

/* Adds to *included what leaves `excluded` after a fee of `numerator`. */
static NOINLINE u64 add_included(u64 *included, u64 excluded, u64 numerator) {
  u64 factors[2] = {excluded, FEE_DENOMINATOR}, more;
  if (numerator >= FEE_DENOMINATOR) return DAMM_MATH_OVERFLOW;
  if (multiply_divide(&more, factors, FEE_DENOMINATOR - numerator, ROUND_UP)) return DAMM_TYPE_CAST_FAILED;
  return add_checked(included, more) ? DAMM_MATH_OVERFLOW : 0;
}

/*
 * The amount before the fee, among the rising steps: of the quadratic
 * increment * x^2 - (2 * denominator + increment - 2 * cliff) * reference * x + 2 * excluded * denominator * reference = 0
 * the smaller root is rounded down, and what it lacks pays the fee of its step.
 */
static NOINLINE u64 included_among_steps(u64 *included, Limiter *limiter, u64 excluded) {
  Wide a, b, linear, square, product, root;
  wide_set(&a, 2ULL * FEE_DENOMINATOR + limiter->increment - 2 * limiter->cliff);
  wide_set(&b, limiter->reference);
  wide_multiply(&linear, &a, &b);
  if (wide_multiply(&square, &linear, &linear)) return DAMM_MATH_OVERFLOW;
  wide_set(&a, 2ULL * FEE_DENOMINATOR);
  wide_multiply(&product, &a, &b);
  wide_set(&a, excluded);
  wide_multiply(&b, &product, &a);
  wide_set(&a, 4 * limiter->increment);
  if (wide_multiply(&product, &a, &b) || wide_subtract(&square, &square, &product)) return DAMM_MATH_OVERFLOW;
  wide_square_root(&root, &square);
  if (wide_subtract(&linear, &linear, &root)) return DAMM_MATH_OVERFLOW;
  wide_set(&a, 2 * limiter->increment);
  if (wide_divide(&root, &b, &linear, &a) || !wide_fits_u64(&root)) return DAMM_TYPE_CAST_FAILED;
  u64 covered;
  *included = root.limb[0];
  u64 error = excluded_of(&covered, limiter, *included);
  if (error) return error;
  if (covered > excluded) return DAMM_MATH_OVERFLOW;
  u64 step = *included / limiter->reference;
  return add_included(included, excluded - covered, limiter->cliff + limiter->increment * step);
}

/* The numerator that comes on top of an amount which is left after the fee. */
static NOINLINE u64 limited_fee_of_excluded(u64 *numerator, Limiter *limiter, u64 excluded) {
  u64 covered, included;
  *numerator = limiter->cliff;
  u64 error = excluded_of(&covered, limiter, limiter->reference);
  if (error) return error;
  if (excluded <= covered) return 0;
  error = find_last_step(limiter);
  if (error) return error;
  Wide end, factor, reference;
  wide_set(&factor, limiter->last_step + 1);
  wide_set(&reference, limiter->reference);
  wide_multiply(&end, &factor, &reference);
  int is_over = !wide_fits_u64(&end);
  u64 last = is_over ? ~0ULL : end.limb[0];
  error = excluded_of(&covered, limiter, last);
  if (error) return error;
  if (excluded == covered) return limited_fee_of_included(numerator, limiter, last);
  if (excluded < covered)
    error = included_among_steps(&included, limiter, excluded);
  else {
    if (is_over) return DAMM_MATH_OVERFLOW;
    included = last;
    error = add_included(&included, excluded - covered, limiter->maximum);
  }
  if (error) return error;
  u64 factors[2] = {included - excluded, FEE_DENOMINATOR};
  if (multiply_divide(numerator, factors, included, ROUND_UP)) return DAMM_TYPE_CAST_FAILED;
  return *numerator < limiter->cliff ? DAMM_UNDETERMINED : 0;
}

static NOINLINE u64 limited_fee(u64 *numerator, const u8 *pool, const FeeContext *context) {
  Limiter limiter;
  u64 error = read_limiter(&limiter, pool);
  if (error) return error;
  return context->is_included ? limited_fee_of_included(numerator, &limiter, context->amount)
                              : limited_fee_of_excluded(numerator, &limiter, context->amount);
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
