/*
 * What positions earn besides fees: each reward gives so much per second to all liquidity that is in range.
 * Facts: raydium-io/raydium-clmm (Apache-2.0), states/pool.rs.
 */
#ifndef CLMM_REWARDS_H
#define CLMM_REWARDS_H

#include "clmm-ticks.h"

/* Adds the seconds since the last update to a reward's growth and sum. */
static NOINLINE void emit_reward(const Pool *pool, u8 *reward, u64 seconds) {
  Wide passed, rate, divisor, result, sum;
  wide_set(&passed, seconds);
  wide_load_u128(&rate, reward + REWARD_PER_SECOND);
  wide_load_u128(&divisor, pool->state + POOL_LIQUIDITY);
  wide_multiply_divide(&result, &passed, &rate, &divisor, ROUND_DOWN);
  if (!wide_fits_u128(&result)) panic();
  wide_load_u128(&sum, reward + REWARD_GROWTH);
  wide_add(&sum, &sum, &result);
  if (!wide_fits_u128(&sum)) panic();
  wide_store_u128(reward + REWARD_GROWTH, &sum);

  wide_set(&divisor, 0);
  divisor.limb[1] = 1;
  wide_multiply_divide(&result, &passed, &rate, &divisor, ROUND_UP);
  if (!wide_fits_u64(&result)) panic();
  add_to_u64(reward + REWARD_EMITTED, result.limb[0]);
}

static NOINLINE u64 update_reward(const Pool *pool, u8 *reward, u64 now) {
  u64 opens = load_u64(reward + REWARD_OPEN_TIME), ends = load_u64(reward + REWARD_END_TIME);
  if (!is_reward_initialized(reward) || now <= opens) return 0;
  u64 until = now < ends ? now : ends, updated = load_u64(reward + REWARD_UPDATED);
  if (load_u64(pool->state + POOL_LIQUIDITY) | load_u64(pool->state + POOL_LIQUIDITY + 8)) {
    if (until < updated) return ANCHOR_REQUIRE_GREATER_OR_EQUAL;
    emit_reward(pool, reward, until - updated);
  }
  store_u64(reward + REWARD_UPDATED, until);
  if (until >= opens && until < ends)
    reward[REWARD_STATE] = REWARD_OPENING;
  else if (until == ends)
    reward[REWARD_STATE] = REWARD_ENDED;
  return 0;
}

static NOINLINE u64 update_rewards(const Pool *pool) {
  u64 now = (u32)pool->clock.unix_timestamp;
  for (int i = 0; i < REWARD_COUNT; i++) {
    u64 error = update_reward(pool, pool->state + POOL_REWARDS + i * REWARD_BYTES, now);
    if (error) return error;
  }
  store_u64(pool->state + POOL_RECENT_EPOCH, pool->clock.epoch);
  return 0;
}

#endif
