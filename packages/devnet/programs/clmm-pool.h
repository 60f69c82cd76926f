/* One swap of a CLMM pool: what its accounts say, and how far it has come. */
#ifndef CLMM_POOL_H
#define CLMM_POOL_H

#include "raydium-clmm.h"
#include "token-interface.h"
#include "wide-math.h"

typedef struct {
  Invocation invocation;
  Clock clock;
  u8 *state;
  /* The address that the pool's own fields give. */
  u8 key[PUBKEY_BYTES];
  /* NULL where the instruction does not name it. */
  const Account *extension;
  /* Indexes of the tick arrays among the accounts, in the order of the instruction. */
  u8 arrays[MAX_ACCOUNTS];
  u64 array_count;
  u64 tick_spacing;
  u64 trade_rate;
  int is_zero_for_one;
  int is_exact_in;
  int is_fee_on_input;
  /* Whether the fee is taken in token 1. */
  int fee_side;
  TransferFee fee_in;
  TransferFee fee_out;
} Pool;

typedef struct {
  /* What is left of the given amount, and what it has given or cost so far. */
  u64 remaining;
  u64 calculated;
  Wide price;
  Wide limit;
  Wide liquidity;
  i64 tick;
  /* Of the token that the fee is taken in, Q64.64 per unit of liquidity. */
  Wide fee_growth;
  u64 positions_fee;
  u64 protocol_fee;
  u64 fund_fee;
  /* The array that the walk is in, and how many arrays it has left behind. */
  u8 *array;
  u64 arrays_passed;
  /* The number of the array that the bitmaps gave last: its start over its width. */
  i64 array_number;
  /* Whether the array of the pool's tick is initialized, or the walk is past it. */
  int is_past_first_array;
} Walk;

INLINE Account *account(const Pool *pool, u64 index) { return &pool->invocation.accounts[index]; }

/* Whether price `a` is behind price `b` in the direction of the swap. */
static NOINLINE int is_behind(const Pool *pool, const Wide *a, const Wide *b) {
  return pool->is_zero_for_one ? wide_is_less(b, a) : wide_is_less(a, b);
}

INLINE int is_same_price(const Wide *a, const Wide *b) {
  return a->limb[0] == b->limb[0] && a->limb[1] == b->limb[1] && a->limb[2] == b->limb[2] && a->limb[3] == b->limb[3];
}

/* Sums that the program panics on, where they do not fit. */
INLINE void add_or_panic(u64 *value, u64 amount) {
  if (add_checked(value, amount)) panic();
}

INLINE void add_to_u64(u8 *field, u64 amount) {
  u64 value = load_u64(field);
  add_or_panic(&value, amount);
  store_u64(field, value);
}

static NOINLINE void add_to_u128(u8 *field, u64 amount) {
  Wide value, added;
  wide_load_u128(&value, field);
  wide_set(&added, amount);
  wide_add(&value, &value, &added);
  if (!wide_fits_u128(&value)) panic();
  wide_store_u128(field, &value);
}

#endif
