/*
 * The initialized ticks of an array, and what happens when the price comes to one: its limit orders trade, and where
 * none are left, the liquidity of the positions that begin or end there is added or taken away.
 * Facts: raydium-io/raydium-clmm (Apache-2.0), states/tick_array.rs, instructions/swap.rs.
 */
#ifndef CLMM_TICKS_H
#define CLMM_TICKS_H

#include "clmm-arrays.h"
#include "clmm-orders.h"

INLINE int has_liquidity(const u8 *tick) {
  return (load_u64(tick + TICK_LIQUIDITY_GROSS) | load_u64(tick + TICK_LIQUIDITY_GROSS + 8)) != 0;
}

/* The first initialized tick of the array from a place on, in the direction of the swap; NULL where there is none. */
static NOINLINE u8 *search_ticks(const Pool *pool, const Walk *walk, i64 place) {
  for (; place >= 0 && place < TICKS_PER_ARRAY; place += pool->is_zero_for_one ? -1 : 1) {
    u8 *tick = walk->array + ARRAY_TICKS + place * TICK_BYTES;
    if (has_liquidity(tick) || has_orders(tick)) return tick;
  }
  return 0;
}

static NOINLINE u8 *first_tick(const Pool *pool, const Walk *walk) {
  return search_ticks(pool, walk, pool->is_zero_for_one ? TICKS_PER_ARRAY - 1 : 0);
}

/* The next initialized tick: at or below the walk's when the price falls, above it when the price rises. */
static NOINLINE u64 find_next_tick(const Pool *pool, Walk *walk, u8 **tick) {
  i64 start = array_start(walk->array);
  if (array_number_of(pool, walk->tick) * (i64)array_width(pool) == start) {
    i64 place = floor_divide(walk->tick - start, pool->tick_spacing);
    *tick = search_ticks(pool, walk, pool->is_zero_for_one ? place : place + 1);
    if (*tick) return 0;
  }
  if (walk->is_past_first_array) {
    u64 error = enter_next_array(pool, walk);
    if (error) return error;
  }
  walk->is_past_first_array = 1;
  *tick = first_tick(pool, walk);
  return *tick ? 0 : CLMM_INVALID_TICK_ARRAY;
}

/* growth = what has grown in all less what had, which is what has grown on the other side of the tick. */
static NOINLINE void flip_growth(u8 *field, const Wide *in_all) {
  Wide outside, flipped;
  wide_load_u128(&outside, field);
  if (wide_subtract(&flipped, in_all, &outside)) panic();
  wide_store_u128(field, &flipped);
}

INLINE int is_reward_initialized(const u8 *reward) { return !is_zero_key(reward + REWARD_MINT); }

static NOINLINE void flip_growths(const Pool *pool, const Walk *walk, u8 *tick) {
  for (int side = 0; side < 2; side++) {
    Wide growth;
    wide_load_u128(&growth, pool->state + POOL_FEE_GROWTH + side * POOL_FEE_GROWTH_STRIDE);
    if (side == pool->fee_side) wide_copy(&growth, &walk->fee_growth);
    flip_growth(tick + TICK_FEE_GROWTH + side * POOL_FEE_GROWTH_STRIDE, &growth);
  }
  for (int i = 0; i < REWARD_COUNT; i++) {
    const u8 *reward = pool->state + POOL_REWARDS + i * REWARD_BYTES;
    if (!is_reward_initialized(reward)) continue;
    Wide growth;
    wide_load_u128(&growth, reward + REWARD_GROWTH);
    flip_growth(tick + TICK_REWARD_GROWTH + 16 * i, &growth);
  }
}

/* The walk's liquidity with the tick's net: added when the price rises, taken away when it falls. */
static NOINLINE void add_net_liquidity(const Pool *pool, Walk *walk, const u8 *tick) {
  Wide net, zero;
  wide_load_u128(&net, tick + TICK_LIQUIDITY_NET);
  int is_negative = (int)(net.limb[1] >> 63);
  if (is_negative) {
    net.limb[2] = net.limb[3] = ~0ULL;
    wide_set(&zero, 0);
    wide_subtract(&net, &zero, &net);
  }
  int does_not_fit = is_negative == pool->is_zero_for_one ? wide_add(&walk->liquidity, &walk->liquidity, &net)
                                                          : wide_subtract(&walk->liquidity, &walk->liquidity, &net);
  if (does_not_fit || !wide_fits_u128(&walk->liquidity)) panic();
}

/* A tick that is neither position's nor order's any more is not looked for again. */
static NOINLINE u64 remove_tick(const Pool *pool, u8 *array) {
  if (array[ARRAY_INITIALIZED_COUNT] == 0) panic();
  return --array[ARRAY_INITIALIZED_COUNT] == 0 ? remove_array(pool, array) : 0;
}

/* The price has reached the tick. Its orders pay the rate of the group that the price comes from. */
static NOINLINE u64 pass_tick(const Pool *pool, Walk *walk, u8 *tick, u64 fee_rate) {
  i64 index = load_i32(tick + TICK_INDEX);
  u64 error = match_orders(pool, walk, tick, fee_rate);
  if (!error && !has_liquidity(tick) && !has_orders(tick)) error = remove_tick(pool, walk->array);
  if (error) return error;
  if (array_number_of(pool, index) * (i64)array_width(pool) != array_start(walk->array)) return CLMM_INVALID_TICK_ARRAY;
  store_u64(walk->array + ARRAY_RECENT_EPOCH, pool->clock.epoch);
  /* A tick with orders left is not crossed. */
  walk->tick = pool->is_zero_for_one == has_orders(tick) ? index : index - 1;
  if (has_orders(tick) || !has_liquidity(tick)) return 0;
  flip_growths(pool, walk, tick);
  add_net_liquidity(pool, walk, tick);
  return 0;
}

#endif
