/*
 * The part of the fee that grows with the ticks that a swap crosses and decays with time. Ticks are grouped by the pool's
 * spacing; while a price crosses groups, each has a fee of its own.
 * Facts: raydium-io/raydium-clmm (Apache-2.0), states/pool_fee.rs, instructions/swap.rs.
 */
#ifndef CLMM_VOLATILITY_H
#define CLMM_VOLATILITY_H

#include "clmm-pool.h"
#include "clmm-tick-price.h"

#define MOST_FEE_RATE 100000
/* One group in the volatility's unit, and the denominator of the reduction factor. */
#define VOLATILITY_SCALE 10000
/* Of the control, times the scale squared. */
#define VOLATILITY_DENOMINATOR 10000000000000ULL

typedef struct {
  /* NULL for a pool whose fee is constant. */
  u8 *state;
  /* The group that the price is in or about to enter. */
  i64 group;
} Volatility;

/* Where the next group, and so another fee, begins. */
typedef struct {
  Wide price;
  /* Groups make no difference: there is no liquidity, or the fee is at its most. */
  int is_unbounded;
} GroupBound;

INLINE i64 group_of(const Pool *pool, i64 tick) { return floor_divide(tick, pool->tick_spacing); }

INLINE int is_saturated(const Volatility *volatility) {
  return load_u32(volatility->state + POOL_VOLATILITY) == load_u32(volatility->state + POOL_MAX_VOLATILITY);
}

/* After a quiet time the reference moves to where the price is, and old volatility decays or is forgotten. */
static NOINLINE void start_volatility(const Pool *pool, Volatility *volatility, i64 tick) {
  u8 *state = pool->state;
  volatility->state = load_u32(state + POOL_FEE_CONTROL) ? state : 0;
  if (!volatility->state) return;
  volatility->group = group_of(pool, tick);
  u64 now = (u32)pool->clock.unix_timestamp, updated = load_u64(state + POOL_VOLATILITY_UPDATED);
  u64 elapsed = now > updated ? now - updated : 0, decayed = 0;
  if (elapsed < load_u16(state + POOL_FILTER_PERIOD)) return;
  if (elapsed < load_u16(state + POOL_DECAY_PERIOD))
    decayed = (u64)load_u32(state + POOL_VOLATILITY) * load_u16(state + POOL_REDUCTION_FACTOR) / VOLATILITY_SCALE;
  store_u32(state + POOL_GROUP_REFERENCE, (u32)volatility->group);
  store_u32(state + POOL_VOLATILITY_REFERENCE, (u32)decayed);
  store_u64(state + POOL_VOLATILITY_UPDATED, now);
}

static NOINLINE void update_volatility(const Volatility *volatility) {
  if (!volatility->state) return;
  u8 *state = volatility->state;
  i64 distance = load_i32(state + POOL_GROUP_REFERENCE) - volatility->group;
  u64 most = load_u32(state + POOL_MAX_VOLATILITY);
  u64 sum = load_u32(state + POOL_VOLATILITY_REFERENCE) + (u64)(distance < 0 ? -distance : distance) * VOLATILITY_SCALE;
  store_u32(state + POOL_VOLATILITY, (u32)(sum < most ? sum : most));
}

static NOINLINE u64 fee_rate_now(const Pool *pool, const Volatility *volatility) {
  if (!volatility->state) return pool->trade_rate;
  u64 crossed = load_u32(volatility->state + POOL_VOLATILITY) * pool->tick_spacing, rate;
  if (crossed >> 32) panic();
  u64 factors[2] = {load_u32(volatility->state + POOL_FEE_CONTROL), crossed * crossed};
  if (multiply_divide(&rate, factors, VOLATILITY_DENOMINATOR, ROUND_UP) || rate > MOST_FEE_RATE) rate = MOST_FEE_RATE;
  rate += pool->trade_rate;
  return rate > MOST_FEE_RATE ? MOST_FEE_RATE : rate;
}

/* Bounds a step by the edge of its group; `bound->price` is the step's own target before. */
static NOINLINE void bound_by_group(const Pool *pool, const Walk *walk, const Volatility *volatility,
                                    GroupBound *bound) {
  bound->is_unbounded = !volatility->state || wide_is_zero(&walk->liquidity) || is_saturated(volatility);
  if (bound->is_unbounded) return;
  i64 tick = (volatility->group + (pool->is_zero_for_one ? 0 : 1)) * (i64)pool->tick_spacing;
  Wide edge;
  price_at_tick(&edge, tick < MIN_TICK ? MIN_TICK : tick > MAX_TICK ? MAX_TICK : tick);
  if (is_behind(pool, &edge, &bound->price)) wide_copy(&bound->price, &edge);
}

/* Goes on to the next group, from the tick that the price has come to where groups were skipped. */
static NOINLINE void advance_group(const Pool *pool, Volatility *volatility, int is_unbounded, i64 tick) {
  if (!volatility->state) return;
  if (is_unbounded) {
    volatility->group = group_of(pool, tick);
    if (!pool->is_zero_for_one && volatility->group * (i64)pool->tick_spacing == tick) volatility->group--;
    if (!is_saturated(volatility)) update_volatility(volatility);
  }
  volatility->group += pool->is_zero_for_one ? -1 : 1;
}

#endif
