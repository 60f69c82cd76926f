/*
 * The rate limiter of a DAMM v2 pool: a base fee that rises with the size of a swap. Rates are numerators per 1,000,000,000.
 *
 * Every function returns a DammError, 0 for none.
 */
#ifndef DAMM_RATE_LIMITER_H
#define DAMM_RATE_LIMITER_H

#include "meteora-damm-v2.h"
#include "wide-math.h"

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
  if (limiter->cliff > limiter->maximum || limiter->increment == 0) return DAMM_MATH_OVERFLOW;
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
  /* Only this function divides by it: an exact output passes with none, at the maximum. */
  if (reference == 0) return DAMM_MATH_OVERFLOW;
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

#endif
