/*
 * The walk from one bin array to the next. Which of them hold liquidity say two bitmaps: one in the pool for the indexes
 * -512 to 511, and one in an account of its own for those beyond. The instruction names the arrays in the order of the
 * walk; it may name more than are needed, and those are passed by.
 */
#ifndef DLMM_ARRAYS_H
#define DLMM_ARRAYS_H

#include "dlmm-pool.h"

#define MOST_INDEX (BITMAP_HALF * (EXTENSION_CHUNKS + 1) - 1)

/* Ids are lifted above zero, since the target has no signed division. */
INLINE i64 array_index_of(i64 id) {
  return (i64)((u64)(id + ID_OFFSET) / BINS_PER_ARRAY) - ID_OFFSET / BINS_PER_ARRAY;
}

/* The word of a bitmap that holds an index, and the place of the index in it. */
typedef struct {
  u64 bits;
  u64 place;
  /* In the bitmap below the pool's own, places grow while indexes fall. */
  int is_downwards;
} BitmapWord;

static NOINLINE u64 read_bitmap(const Pool *pool, i64 index, BitmapWord *word) {
  const u8 *bitmap = pool->state + POOL_BITMAP;
  u64 bit = (u64)(index + BITMAP_HALF);
  word->is_downwards = index < -BITMAP_HALF;
  if (bit >= 2 * BITMAP_HALF) {
    if (!is_given(pool, BITMAP_EXTENSION)) return DLMM_BITMAP_EXTENSION_MISSING;
    if (index > MOST_INDEX || index < -MOST_INDEX - 1) return DLMM_NO_MORE_BIN_ARRAYS;
    bitmap = account(pool, BITMAP_EXTENSION)->data + (index > 0 ? EXTENSION_ABOVE : EXTENSION_BELOW);
    bit = (u64)(index > 0 ? index : -index - 1) - BITMAP_HALF;
  }
  word->bits = load_u64(bitmap + (bit >> 6) * 8);
  word->place = bit & 63;
  return 0;
}

/* The nearest array with liquidity, from `*index` on in the direction of the walk. */
static NOINLINE u64 find_array(const Pool *pool, i64 *index) {
  for (;;) {
    BitmapWord word;
    u64 error = read_bitmap(pool, *index, &word);
    if (error) return error;
    if ((word.bits >> word.place) & 1) return 0;
    u64 skipped = 1;
    if (word.bits == 0) skipped = word.is_downwards != pool->is_x_to_y ? word.place + 1 : 64 - word.place;
    *index += pool->is_x_to_y ? -(i64)skipped : (i64)skipped;
  }
}

static NOINLINE u64 check_array(const Pool *pool, const Account *array) {
  if (!is_same_key(array->owner, pool->invocation.program_id)) return ANCHOR_FOREIGN_OWNER;
  if (array->data_length < 8) return ANCHOR_NO_DISCRIMINATOR;
  if (load_u64(array->data) != BIN_ARRAY_DISCRIMINATOR) return ANCHOR_BAD_DISCRIMINATOR;
  if (array->data_length < BIN_ARRAY_BYTES) return ANCHOR_BAD_ACCOUNT_DATA;
  if (!array->is_writable) return ANCHOR_NOT_WRITABLE;
  return is_same_key(array->data + ARRAY_POOL, account(pool, POOL)->key) ? 0 : DLMM_INVALID_BIN_ARRAY;
}

/* Reads on in the accounts behind the fixed ones until the array comes. What was passed by is not read again. */
static NOINLINE u64 take_array(Pool *pool, i64 index, u8 **bins) {
  while (pool->next_account < pool->invocation.account_count) {
    const Account *array = account(pool, pool->next_account++);
    u64 error = check_array(pool, array);
    if (error) return error;
    if ((i64)load_u64(array->data + ARRAY_INDEX) != index) continue;
    *bins = array->data + ARRAY_BINS;
    return 0;
  }
  return ANCHOR_TOO_FEW_ACCOUNTS;
}

#endif
