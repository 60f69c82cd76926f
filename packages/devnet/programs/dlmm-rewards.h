/*
 * What positions earn besides fees. A reward accrues at its rate until it ends. A swap splits what accrued since the last
 * one into equal parts, one for each of the first bins that it trades in.
 * Facts: MeteoraAg/dlmm-sdk, commons/src/extensions/dynamic_position.rs, and what the program of mainnet answers.
 */
#ifndef DLMM_REWARDS_H
#define DLMM_REWARDS_H

#include "dlmm-pool.h"

INLINE u8 *reward_of(const Pool *pool, u64 index) { return pool->state + POOL_REWARDS + index * REWARD_BYTES; }

/* One mint is enough: the other reward accrues too, also without a mint. An update that is ahead of the clock fails. */
static NOINLINE u64 read_reward_times(Pool *pool) {
  if (!pool->has_rewards || pool->rewarded_count == 0) return 0;
  for (u64 i = 0; i < REWARD_COUNT; i++) {
    u64 until = (u64)pool->clock.unix_timestamp, end = load_u64(reward_of(pool, i) + REWARD_END);
    u64 updated = load_u64(reward_of(pool, i) + REWARD_UPDATED);
    if (until > end) until = end;
    if (until < updated) return DLMM_MATH_OVERFLOW;
    pool->reward_seconds[i] = until - updated;
  }
  return 0;
}

/* Counts a bin that the swap trades in, with or without liquidity. Bins after the first ones get nothing. */
INLINE void share_rewards_with(Pool *pool, u8 *bin) {
  if (pool->rewarded_count < MOST_REWARDED_BINS) pool->rewarded_bins[pool->rewarded_count++] = bin;
}

/* Adds a part of a reward to a bin's earnings per unit of liquidity; the part of a bin without liquidity is lost. */
static NOINLINE u64 pay_bin(u8 *bin, u64 index, const Wide *part) {
  Wide liquidity, growth, sum;
  u8 *field = bin + BIN_REWARD_PER_LIQUIDITY + 16 * index;
  wide_load_u128(&liquidity, bin + BIN_LIQUIDITY);
  wide_shift_right_64(&liquidity, &liquidity);
  if (wide_is_zero(&liquidity)) return 0;
  wide_divide_rounded(&growth, part, &liquidity, ROUND_DOWN);
  if (!wide_fits_u128(&growth)) return DLMM_TYPE_CAST;
  wide_load_u128(&sum, field);
  wide_add(&sum, &sum, &growth);
  if (!wide_fits_u128(&sum)) return DLMM_MATH_OVERFLOW;
  wide_store_u128(field, &sum);
  return 0;
}

static NOINLINE u64 pay_reward(const Pool *pool, u64 index) {
  u8 *reward = reward_of(pool, index);
  Wide seconds, rate, bins, part;
  wide_set(&seconds, pool->reward_seconds[index]);
  wide_load_u128(&rate, reward + REWARD_RATE);
  wide_set(&bins, pool->rewarded_count);
  if (wide_multiply_divide(&part, &seconds, &rate, &bins, ROUND_DOWN)) return DLMM_MATH_OVERFLOW;
  for (u64 i = 0; i < pool->rewarded_count; i++) {
    u64 error = pay_bin(pool->rewarded_bins[i], index, &part);
    if (error) return error;
  }
  return add_to_u64(reward + REWARD_UPDATED, pool->reward_seconds[index]);
}

static NOINLINE u64 pay_rewards(const Pool *pool) {
  if (!pool->has_rewards) return 0;
  for (u64 i = 0; i < REWARD_COUNT; i++) {
    u64 error = pay_reward(pool, i);
    if (error) return error;
  }
  return 0;
}

#endif
