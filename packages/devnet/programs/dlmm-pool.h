/* A swap on a DLMM pool under way: its accounts, what it was asked, and what the pool's settings make of that. */
#ifndef DLMM_POOL_H
#define DLMM_POOL_H

#include "anchor-accounts.h"
#include "dlmm-fees.h"
#include "token-interface.h"

typedef struct {
  Invocation invocation;
  u8 *state;
  /* The next account behind the fixed ones that has not been read. */
  u64 next_account;
  Clock clock;
  int is_x_to_y;
  /* The fee is taken from the input; otherwise from the output. */
  int is_fee_on_input;
  int is_exact_out;
  int has_orders;
  /* Some reward has a mint, and the bytes of what bins earn are not those of limit orders. */
  int has_rewards;
  int has_host;
  /* What the mints of Token-2022 withhold of transfers. */
  TransferFee transfer_fee_in;
  TransferFee transfer_fee_out;
  /* For how many seconds each reward has accrued since its last update. */
  u64 reward_seconds[REWARD_COUNT];
  /* The first bins that the swap trades in. */
  u8 *rewarded_bins[MOST_REWARDED_BINS];
  u64 rewarded_count;
} Pool;

INLINE Account *account(const Pool *pool, u64 index) { return &pool->invocation.accounts[index]; }

/* An optional account is left out by naming the program in its place. */
INLINE int is_given(const Pool *pool, u64 index) {
  return !is_same_key(account(pool, index)->key, pool->invocation.program_id);
}

/* Pools of undetermined type have limit orders while no reward uses the same bytes of the bins. */
static NOINLINE u64 read_settings(Pool *pool) {
  const u8 *state = pool->state;
  u8 function = state[POOL_FUNCTION_TYPE], mode = state[POOL_COLLECT_FEE_MODE];
  if (function > LIMIT_ORDERS) return DLMM_TYPE_CAST;
  if (mode > FEE_ON_TOKEN_Y) return DLMM_INVALID_FEE_MODE;
  int has_mint = !is_zero_key(state + POOL_REWARDS) || !is_zero_key(state + POOL_REWARDS + REWARD_BYTES);
  pool->has_orders = function == LIMIT_ORDERS || (function == UNDETERMINED && !has_mint);
  pool->has_rewards = has_mint && !pool->has_orders;
  pool->is_fee_on_input = mode == FEE_ON_INPUT || !pool->is_x_to_y;
  return 0;
}

/* The fee is taken in X; otherwise in Y. */
INLINE int is_fee_in_x(const Pool *pool) { return pool->is_fee_on_input == pool->is_x_to_y; }

INLINE u64 add_to_u64(u8 *field, u64 amount) {
  u64 value = load_u64(field);
  if (add_checked(&value, amount)) return DLMM_MATH_OVERFLOW;
  store_u64(field, value);
  return 0;
}

#endif
