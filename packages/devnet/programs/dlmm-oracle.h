/* The oracle: a ring of observations, each the sum of the active bin's id over all seconds before it. */
#ifndef DLMM_ORACLE_H
#define DLMM_ORACLE_H

#include "dlmm-pool.h"

/* Sums have 128 bits and a sign. */
INLINE void add_to_sum(u8 *sum, i64 amount) {
  u64 low = load_u64(sum), added = low + (u64)amount;
  store_u64(sum, added);
  store_u64(sum + 8, load_u64(sum + 8) + (amount < 0 ? ~0ULL : 0) + (added < low));
}

INLINE u64 observation_at(const Account *oracle, u64 index, u8 **observation) {
  u64 end = ORACLE_OBSERVATIONS + (index + 1) * OBSERVATION_BYTES;
  if (index > 0xffffff || end > oracle->data_length) return ANCHOR_BAD_ACCOUNT_DATA;
  *observation = oracle->data + end - OBSERVATION_BYTES;
  return 0;
}

/* Before a swap: the bin that is active still was so since the last observation. */
static NOINLINE u64 observe(const Pool *pool) {
  const Account *oracle = account(pool, ORACLE);
  i64 now = pool->clock.unix_timestamp, id = load_i32(pool->state + POOL_ACTIVE_ID);
  u64 index = load_u64(oracle->data + ORACLE_INDEX), active = load_u64(oracle->data + ORACLE_ACTIVE);
  u8 *last, *next;
  if ((oracle->data_length - ORACLE_OBSERVATIONS) % OBSERVATION_BYTES) panic();
  u64 error = observation_at(oracle, index, &last);
  if (error) return error;
  if (active == 0) {
    store_u64(oracle->data + ORACLE_ACTIVE, 1);
    store_u64(last + OBSERVED_FIRST, (u64)now);
    store_u64(last + OBSERVED_LAST, (u64)now);
    add_to_sum(last + OBSERVED_SUM, id);
    return 0;
  }
  i64 seconds = now - (i64)load_u64(last + OBSERVED_LAST);
  next = last;
  if (now - (i64)load_u64(last + OBSERVED_FIRST) >= OBSERVATION_LIFETIME) {
    u64 length = load_u64(oracle->data + ORACLE_LENGTH);
    index = index + 1 >= length ? 0 : index + 1;
    error = observation_at(oracle, index, &next);
    if (error) return error;
    store_u64(oracle->data + ORACLE_INDEX, index);
    if (index + 1 > active) store_u64(oracle->data + ORACLE_ACTIVE, index + 1);
    store_u64(next + OBSERVED_SUM, load_u64(last + OBSERVED_SUM));
    store_u64(next + OBSERVED_SUM + 8, load_u64(last + OBSERVED_SUM + 8));
    store_u64(next + OBSERVED_FIRST, (u64)now);
  }
  add_to_sum(next + OBSERVED_SUM, id * seconds);
  store_u64(next + OBSERVED_LAST, (u64)now);
  return 0;
}

#endif
