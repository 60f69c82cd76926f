/*
 * A step of a swap through one constant liquidity, up to a price that it may not pass. Prices are square roots of token 1
 * per token 0 in Q64.64, so that between two of them, low and high,
 *
 *   amount of token 0 = liquidity * 2^64 * (high - low) / (low * high)
 *   amount of token 1 = liquidity * (high - low) / 2^64
 *
 * Inputs are rounded up, outputs down.
 * Facts: raydium-io/raydium-clmm (Apache-2.0), libraries/{swap_math,sqrt_price_math,liquidity_math}.rs.
 */
#ifndef CLMM_STEP_H
#define CLMM_STEP_H

#include "clmm-pool.h"

typedef struct {
  Wide target;
  u64 fee_rate;
  /* Where the step ends. */
  Wide price;
  /* Without a fee on the input. */
  u64 amount_in;
  /* After a fee on the output. */
  u64 amount_out;
  u64 fee;
} Step;

typedef struct {
  Wide low;
  Wide high;
} PriceRange;

static NOINLINE void set_range(PriceRange *range, const Wide *a, const Wide *b) {
  int is_a_low = wide_is_less(a, b);
  wide_copy(&range->low, is_a_low ? a : b);
  wide_copy(&range->high, is_a_low ? b : a);
}

/* Returns 1 when the amount needs more than 64 bits. */
static NOINLINE int amount_0_between(u64 *amount, const Wide *liquidity, const PriceRange *range,
                                     enum Rounding rounding) {
  Wide rest, product, digit;
  if (wide_is_zero(&range->low)) panic();
  wide_subtract(&digit, &range->high, &range->low);
  wide_multiply(&rest, liquidity, &digit);
  wide_multiply(&product, &range->low, &range->high);
  if (!wide_is_less(&rest, &product)) return 1;
  /* rest * 2^64 / product, 32 bits at a time: all of it at once may need more than 256 bits. */
  *amount = 0;
  for (int i = 0; i < 2; i++) {
    Wide shifted;
    for (int limb = 3; limb > 0; limb--) shifted.limb[limb] = (rest.limb[limb] << 32) | (rest.limb[limb - 1] >> 32);
    shifted.limb[0] = rest.limb[0] << 32;
    wide_divide(&digit, &rest, &shifted, &product);
    *amount = (*amount << 32) | digit.limb[0];
  }
  return rounding == ROUND_UP && !wide_is_zero(&rest) ? add_checked(amount, 1) : 0;
}

/* Returns 1 when the amount needs more than 64 bits. */
static NOINLINE int amount_1_between(u64 *amount, const Wide *liquidity, const PriceRange *range,
                                     enum Rounding rounding) {
  Wide span, product;
  wide_subtract(&span, &range->high, &range->low);
  wide_multiply(&product, liquidity, &span);
  *amount = product.limb[1];
  if (product.limb[2] | product.limb[3]) return 1;
  return rounding == ROUND_UP && product.limb[0] != 0 ? add_checked(amount, 1) : 0;
}

static NOINLINE int input_between(const Pool *pool, u64 *amount, const Wide *liquidity, const PriceRange *range) {
  return pool->is_zero_for_one ? amount_0_between(amount, liquidity, range, ROUND_UP)
                               : amount_1_between(amount, liquidity, range, ROUND_UP);
}

static NOINLINE int output_between(const Pool *pool, u64 *amount, const Wide *liquidity, const PriceRange *range) {
  return pool->is_zero_for_one ? amount_1_between(amount, liquidity, range, ROUND_DOWN)
                               : amount_0_between(amount, liquidity, range, ROUND_DOWN);
}

/*
 * The price after `amount` of token 0 enters or leaves, which is liquidity * 2^64 * price / (liquidity * 2^64 +-
 * amount * price) rounded up. Written as a change of the price, it needs no more than 256 bits.
 */
static NOINLINE void price_after_0(Wide *next, const Walk *walk, u64 amount, int is_in) {
  Wide moved, square, numerator, change, divisor;
  wide_set(&moved, amount);
  wide_multiply(&change, &moved, &walk->price);
  if (wide_multiply(&numerator, &change, &walk->price)) panic();
  wide_shift_left_64(&square, &walk->liquidity);
  if (is_in ? wide_add(&divisor, &square, &change) : wide_subtract(&divisor, &square, &change)) panic();
  if (wide_divide_rounded(&change, &numerator, &divisor, is_in ? ROUND_DOWN : ROUND_UP)) panic();
  if (is_in ? wide_subtract(next, &walk->price, &change) : wide_add(next, &walk->price, &change)) panic();
}

/* The price after `amount` of token 1 enters or leaves: price +- amount * 2^64 / liquidity, rounded down. */
static NOINLINE void price_after_1(Wide *next, const Walk *walk, u64 amount, int is_in) {
  Wide moved, scaled, change;
  wide_set(&moved, amount);
  wide_shift_left_64(&scaled, &moved);
  wide_divide_rounded(&change, &scaled, &walk->liquidity, is_in ? ROUND_DOWN : ROUND_UP);
  if (is_in ? wide_add(next, &walk->price, &change) : wide_subtract(next, &walk->price, &change)) panic();
}

/* Where `amount` leads that does not reach the step's target. */
static NOINLINE void price_after(const Pool *pool, Wide *next, const Walk *walk, u64 amount) {
  if (wide_is_zero(&walk->price) || wide_is_zero(&walk->liquidity)) panic();
  wide_copy(next, &walk->price);
  if (amount == 0) return;
  int is_in = pool->is_exact_in, is_token_0 = pool->is_zero_for_one == is_in;
  if (is_token_0)
    price_after_0(next, walk, amount, is_in);
  else
    price_after_1(next, walk, amount, is_in);
  if (!wide_fits_u128(next)) panic();
}

/* The part of the remaining amount that moves the price: an input less its fee, or an output with its fee. */
static NOINLINE u64 amount_for_price(const Pool *pool, const Walk *walk, u64 fee_rate) {
  u64 amount = walk->remaining;
  if (fee_rate > RATE_DENOMINATOR) panic();
  u64 kept = RATE_DENOMINATOR - fee_rate;
  u64 net_factors[2] = {amount, kept}, gross_factors[2] = {amount, RATE_DENOMINATOR};
  if (pool->is_exact_in && pool->is_fee_on_input) {
    if (multiply_divide(&amount, net_factors, RATE_DENOMINATOR, ROUND_DOWN)) panic();
  } else if (!pool->is_exact_in && !pool->is_fee_on_input) {
    if (multiply_divide(&amount, gross_factors, kept, ROUND_UP)) panic();
  }
  return amount;
}

/* Moves the price to the target, or as far as the amount leads, and says what both tokens do. */
static NOINLINE u64 move_price(const Pool *pool, const Walk *walk, Step *step) {
  u64 amount = amount_for_price(pool, walk, step->fee_rate);
  u64 *bounded = pool->is_exact_in ? &step->amount_in : &step->amount_out;
  PriceRange range;
  set_range(&range, &walk->price, &step->target);
  int is_beyond_u64 = pool->is_exact_in ? input_between(pool, bounded, &walk->liquidity, &range)
                                        : output_between(pool, bounded, &walk->liquidity, &range);
  int is_reached = !is_beyond_u64 && amount >= *bounded;
  if (is_reached)
    wide_copy(&step->price, &step->target);
  else
    price_after(pool, &step->price, walk, amount);
  set_range(&range, &walk->price, &step->price);
  int is_input_known = is_reached && pool->is_exact_in, is_output_known = is_reached && !pool->is_exact_in;
  if (!is_input_known && input_between(pool, &step->amount_in, &walk->liquidity, &range)) return CLMM_AMOUNT_OVERFLOW;
  if (!is_output_known && output_between(pool, &step->amount_out, &walk->liquidity, &range)) return CLMM_AMOUNT_OVERFLOW;
  return 0;
}

/* The fee that comes on top of a net input. */
static NOINLINE u64 fee_on_top(u64 amount, u64 fee_rate) {
  u64 fee, factors[2] = {amount, fee_rate};
  if (multiply_divide(&fee, factors, RATE_DENOMINATOR - fee_rate, ROUND_UP)) panic();
  return fee;
}

/* The part of a gross amount, rounded up. A rate is at most the denominator. */
static NOINLINE u64 fee_of(u64 amount, u64 fee_rate) {
  u64 fee, factors[2] = {amount, fee_rate};
  if (multiply_divide(&fee, factors, RATE_DENOMINATOR, ROUND_UP)) panic();
  return fee;
}

static NOINLINE void take_fee_of_input(const Pool *pool, const Walk *walk, Step *step) {
  if (!pool->is_exact_in && step->amount_out > walk->remaining) step->amount_out = walk->remaining;
  if (!pool->is_exact_in || is_same_price(&step->price, &step->target)) {
    step->fee = fee_on_top(step->amount_in, step->fee_rate);
    return;
  }
  /* Short of the target everything is spent, so the fee is what is left over. */
  if (walk->remaining < step->amount_in) panic();
  step->fee = walk->remaining - step->amount_in;
}

static NOINLINE void take_fee_of_output(const Pool *pool, const Walk *walk, Step *step) {
  u64 gross = step->amount_out;
  step->fee = fee_of(gross, step->fee_rate);
  step->amount_out = gross - step->fee;
  if (pool->is_exact_in) {
    /* Short of the target everything is spent, although a little of it does not move the price. */
    if (!is_same_price(&step->price, &step->target)) step->amount_in = walk->remaining;
  } else if (step->amount_out > walk->remaining) {
    step->amount_out = walk->remaining;
    step->fee = gross - walk->remaining;
  }
}

static NOINLINE u64 compute_step(const Pool *pool, const Walk *walk, Step *step) {
  u64 error = move_price(pool, walk, step);
  if (error) return error;
  if (is_behind(pool, &step->target, &step->price)) return ANCHOR_REQUIRE_GREATER_OR_EQUAL;
  if (pool->is_fee_on_input)
    take_fee_of_input(pool, walk, step);
  else
    take_fee_of_output(pool, walk, step);
  return 0;
}

/* What a step or a limit order moved, counted into the walk, its fee divided among positions, protocol and fund. */
static NOINLINE u64 apply_step(const Pool *pool, Walk *walk, const Step *step) {
  u64 paid = step->amount_in;
  if (pool->is_fee_on_input && add_checked(&paid, step->fee)) {
    if (pool->is_exact_in) panic();
    return CLMM_CALCULATE_OVERFLOW;
  }
  u64 used = pool->is_exact_in ? paid : step->amount_out, gained = pool->is_exact_in ? step->amount_out : paid;
  if (used > walk->remaining) panic();
  walk->remaining -= used;
  if (add_checked(&walk->calculated, gained)) {
    if (pool->is_exact_in) panic();
    return CLMM_CALCULATE_OVERFLOW;
  }

  const u8 *config = account(pool, AMM_CONFIG)->data;
  u64 protocol, fund, positions = step->fee;
  u64 protocol_factors[2] = {step->fee, load_u32(config + CONFIG_PROTOCOL_RATE)};
  u64 fund_factors[2] = {step->fee, load_u32(config + CONFIG_FUND_RATE)};
  if (multiply_divide(&protocol, protocol_factors, RATE_DENOMINATOR, ROUND_DOWN) || protocol > positions) panic();
  positions -= protocol;
  if (multiply_divide(&fund, fund_factors, RATE_DENOMINATOR, ROUND_DOWN) || fund > positions) panic();
  positions -= fund;
  /* Where no position is there to earn it, the protocol does. */
  if (wide_is_zero(&walk->liquidity)) {
    add_or_panic(&protocol, positions);
    positions = 0;
  }
  add_or_panic(&walk->protocol_fee, protocol);
  add_or_panic(&walk->fund_fee, fund);
  add_or_panic(&walk->positions_fee, positions);
  if (positions == 0) return 0;
  Wide growth, earned;
  wide_set(&earned, positions);
  wide_shift_left_64(&growth, &earned);
  wide_divide_rounded(&growth, &growth, &walk->liquidity, ROUND_DOWN);
  wide_add(&walk->fee_growth, &walk->fee_growth, &growth);
  if (!wide_fits_u128(&walk->fee_growth)) panic();
  return 0;
}

#endif
