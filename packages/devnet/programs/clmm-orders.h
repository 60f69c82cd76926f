/*
 * Limit orders that rest on a tick trade at its price when the swap comes there. Those that were begun with come first;
 * when they are gone, the untouched ones are begun with together.
 * Facts: raydium-io/raydium-clmm (Apache-2.0), states/tick_array.rs.
 */
#ifndef CLMM_ORDERS_H
#define CLMM_ORDERS_H

#include "clmm-step.h"

INLINE int has_orders(const u8 *tick) { return (load_u64(tick + TICK_ORDERS) | load_u64(tick + TICK_ORDERS_LEFT)) != 0; }

/* Token 1 per token 0 at a tick, Q64.64, rounded against the swap. */
static NOINLINE u64 price_of_orders(const Pool *pool, Wide *price, const Wide *sqrt_price) {
  Wide square, part;
  wide_multiply(&square, sqrt_price, sqrt_price);
  wide_set(&part, ~0ULL);
  if (!pool->is_zero_for_one) wide_add(&square, &square, &part);
  wide_shift_right_64(price, &square);
  return wide_fits_u128(price) ? 0 : CLMM_CALCULATE_OVERFLOW;
}

/* The input that buys so much of the orders, rounded up. */
static NOINLINE u64 input_for_orders(const Pool *pool, u64 *input, u64 output, const Wide *price) {
  Wide amount, one, result;
  wide_set(&amount, output);
  wide_set(&one, 0);
  one.limb[1] = 1;
  int does_not_fit = pool->is_zero_for_one ? wide_multiply_divide(&result, &amount, &one, price, ROUND_UP)
                                           : wide_multiply_divide(&result, &amount, price, &one, ROUND_UP);
  if (does_not_fit || !wide_fits_u64(&result)) return CLMM_CALCULATE_OVERFLOW;
  *input = result.limb[0];
  return 0;
}

/* The output that so much input buys, rounded down. */
static NOINLINE u64 output_of_orders(const Pool *pool, Wide *output, u64 input, const Wide *price) {
  Wide amount, one;
  wide_set(&amount, input);
  wide_set(&one, 0);
  one.limb[1] = 1;
  int does_not_fit = pool->is_zero_for_one ? wide_multiply_divide(output, &amount, price, &one, ROUND_DOWN)
                                           : wide_multiply_divide(output, &amount, &one, price, ROUND_DOWN);
  return does_not_fit || !wide_fits_u128(output) ? CLMM_CALCULATE_OVERFLOW : 0;
}

/* With exact input. The amounts are those without the fee. */
static NOINLINE u64 match_input(const Pool *pool, Step *match, u64 remaining, u64 unfilled) {
  Wide output, most;
  match->fee = pool->is_fee_on_input ? fee_of(remaining, match->fee_rate) : 0;
  match->amount_in = remaining - match->fee;
  u64 error = output_of_orders(pool, &output, match->amount_in, &match->price);
  if (error) return error;
  wide_set(&most, unfilled);
  match->amount_out = output.limb[0];
  if (!wide_is_less(&most, &output)) return 0;
  /* All orders are filled, and some input is left. */
  match->amount_out = unfilled;
  error = input_for_orders(pool, &match->amount_in, unfilled, &match->price);
  if (!error && pool->is_fee_on_input) match->fee = fee_on_top(match->amount_in, match->fee_rate);
  return error;
}

static NOINLINE u64 match_output(const Pool *pool, Step *match, u64 remaining, u64 unfilled) {
  u64 output = remaining < unfilled ? remaining : unfilled;
  if (!pool->is_fee_on_input) {
    u64 factors[2] = {output, RATE_DENOMINATOR};
    if (multiply_divide(&output, factors, RATE_DENOMINATOR - match->fee_rate, ROUND_UP)) return CLMM_CALCULATE_OVERFLOW;
    if (output > unfilled) output = unfilled;
  }
  match->amount_out = output;
  u64 error = input_for_orders(pool, &match->amount_in, output, &match->price);
  match->fee = !error && pool->is_fee_on_input ? fee_on_top(match->amount_in, match->fee_rate) : 0;
  return error;
}

/* ratio * left / whole, rounded down. */
static NOINLINE void store_ratio(u8 *field, const Wide *ratio, u64 left, u64 whole) {
  Wide a, b, result;
  wide_set(&a, left);
  wide_set(&b, whole);
  wide_multiply_divide(&result, ratio, &a, &b, ROUND_DOWN);
  wide_store_u128(field, &result);
}

static NOINLINE void fill_orders(u8 *tick, u64 output) {
  u64 begun = load_u64(tick + TICK_ORDERS_LEFT), untouched = load_u64(tick + TICK_ORDERS);
  u64 first = begun < output ? begun : output;
  Wide ratio;
  if (first > 0) {
    wide_load_u128(&ratio, tick + TICK_UNFILLED_RATIO);
    store_ratio(tick + TICK_UNFILLED_RATIO, &ratio, begun - first, begun);
    store_u64(tick + TICK_ORDERS_LEFT, begun - first);
  }
  output -= first;
  if (output == 0) return;
  u64 phase = load_u64(tick + TICK_ORDER_PHASE);
  store_u64(tick + TICK_ORDER_PHASE, phase + 1 ? phase + 1 : phase);
  wide_set(&ratio, 0);
  ratio.limb[1] = 1;
  store_ratio(tick + TICK_UNFILLED_RATIO, &ratio, untouched - output, untouched);
  store_u64(tick + TICK_ORDERS_LEFT, untouched - output);
  store_u64(tick + TICK_ORDERS, 0);
}

/* Trades with the orders of a tick, whose price the swap has reached. */
static NOINLINE u64 match_orders(const Pool *pool, Walk *walk, u8 *tick, u64 fee_rate) {
  Step match;
  u64 unfilled = load_u64(tick + TICK_ORDERS);
  if (add_checked(&unfilled, load_u64(tick + TICK_ORDERS_LEFT))) return CLMM_CALCULATE_OVERFLOW;
  if (walk->remaining == 0 || unfilled == 0) return 0;
  match.fee_rate = fee_rate;
  u64 error = price_of_orders(pool, &match.price, &walk->price);
  if (!error)
    error = pool->is_exact_in ? match_input(pool, &match, walk->remaining, unfilled)
                              : match_output(pool, &match, walk->remaining, unfilled);
  if (error) return error;
  u64 filled = match.amount_out;
  fill_orders(tick, filled);
  if (!pool->is_fee_on_input) {
    match.fee = fee_of(filled, fee_rate);
    match.amount_out -= match.fee;
  }
  error = apply_step(pool, walk, &match);
  if (error) return error;
  /* Either the swap or the orders are done. Rounding of a fee on the output can leave some of both. */
  return walk->remaining && filled && has_orders(tick) ? ANCHOR_REQUIRE_EQUAL : 0;
}

#endif
