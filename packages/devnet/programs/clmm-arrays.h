/*
 * The walk from one tick array to the next. Which of them hold initialized ticks say bitmaps: one in the pool for the
 * arrays -512 to 511, counted from tick 0, and those of the extension for the arrays beyond.
 * Facts: raydium-io/raydium-clmm (Apache-2.0), states/{pool,tickarray_bitmap_extension}.rs.
 */
#ifndef CLMM_ARRAYS_H
#define CLMM_ARRAYS_H

#include "clmm-pool.h"
#include "clmm-tick-price.h"

INLINE u64 array_width(const Pool *pool) { return TICKS_PER_ARRAY * pool->tick_spacing; }
INLINE i64 array_number_of(const Pool *pool, i64 tick) { return floor_divide(tick, array_width(pool)); }
INLINE int is_in_pool_bitmap(i64 number) { return number >= -BITMAP_ARRAYS && number < BITMAP_ARRAYS; }

/* A bitmap, and the number of the array that its first bit stands for. */
typedef struct {
  u8 *bits;
  i64 first;
  i64 count;
} Bitmap;

/* The bitmap that holds an array. Returns 0 for one that only the extension knows where the instruction names none. */
static NOINLINE int find_bitmap(const Pool *pool, i64 number, Bitmap *bitmap) {
  if (is_in_pool_bitmap(number)) {
    *bitmap = (Bitmap){pool->state + POOL_BITMAP, -BITMAP_ARRAYS, 2 * BITMAP_ARRAYS};
    return 1;
  }
  if (pool->extension == 0) return 0;
  i64 block = floor_divide(number, BITMAP_ARRAYS);
  u8 *bits = pool->extension->data;
  bits += block < 0 ? EXTENSION_BELOW + (-block - 2) * BITMAP_BYTES : EXTENSION_ABOVE + (block - 1) * BITMAP_BYTES;
  *bitmap = (Bitmap){bits, block * BITMAP_ARRAYS, BITMAP_ARRAYS};
  return 1;
}

/*
 * The nearest initialized array from `*number` on, in the direction of the swap, within one bitmap. Returns 0 and its
 * last number where there is none.
 */
static NOINLINE int search_bitmap(const Pool *pool, const Bitmap *bitmap, i64 *number) {
  i64 step = pool->is_zero_for_one ? -1 : 1;
  for (i64 bit = *number - bitmap->first; bit >= 0 && bit < bitmap->count;) {
    u64 word = load_u64(bitmap->bits + (bit >> 6) * 8);
    if ((word >> (bit & 63)) & 1) {
      *number = bitmap->first + bit;
      return 1;
    }
    /* An empty word is passed at once. */
    if (word == 0) bit = step < 0 ? bit & ~63LL : bit | 63;
    bit += step;
  }
  *number = bitmap->first + (step < 0 ? 0 : bitmap->count - 1);
  return 0;
}

/*
 * The next initialized array behind `*number`: first in the pool's bitmap, then in one of the extension, and so on.
 * Beyond the last tick there is none, which is an error of the caller's.
 */
static NOINLINE u64 find_next_array(const Pool *pool, i64 *number, u64 error_at_the_end) {
  i64 step = pool->is_zero_for_one ? -1 : 1;
  i64 lowest = array_number_of(pool, MIN_TICK), highest = array_number_of(pool, MAX_TICK);
  for (;;) {
    Bitmap bitmap;
    i64 next = *number + step;
    if (is_in_pool_bitmap(next)) {
      find_bitmap(pool, next, &bitmap);
      *number = next;
      if (search_bitmap(pool, &bitmap, number)) return 0;
    }
    if (pool->extension == 0) return CLMM_EXTENSION_MISSING;
    *number += step;
    if (*number < lowest || *number > highest) return error_at_the_end;
    find_bitmap(pool, *number, &bitmap);
    if (search_bitmap(pool, &bitmap, number)) return 0;
    i64 tick = *number * (i64)array_width(pool);
    if (tick < MIN_TICK || tick > MAX_TICK) return error_at_the_end;
  }
}

/* The array of the pool's tick where it is initialized, and else the next one. */
static NOINLINE u64 find_first_array(const Pool *pool, Walk *walk) {
  Bitmap bitmap;
  walk->array_number = array_number_of(pool, walk->tick);
  if (walk->tick < MIN_TICK || walk->tick > MAX_TICK) return CLMM_INVALID_TICK;
  if (!find_bitmap(pool, walk->array_number, &bitmap)) panic();
  i64 bit = walk->array_number - bitmap.first;
  walk->is_past_first_array = (bitmap.bits[bit >> 3] >> (bit & 7)) & 1;
  if (walk->is_past_first_array) return 0;
  return find_next_array(pool, &walk->array_number, CLMM_NO_LIQUIDITY_THIS_WAY);
}

INLINE i64 array_start(const u8 *array) { return load_i32(array + ARRAY_START); }

/* Takes the next array of the instruction. */
static NOINLINE u64 take_array(const Pool *pool, Walk *walk) {
  if (walk->arrays_passed == pool->array_count) return CLMM_TOO_FEW_TICK_ARRAYS;
  walk->array = account(pool, pool->arrays[walk->arrays_passed++])->data;
  return 0;
}

/* Skips the arrays before the first one, of any pool. */
static NOINLINE u64 enter_first_array(const Pool *pool, Walk *walk) {
  i64 start = walk->array_number * (i64)array_width(pool);
  if (pool->array_count == 0) panic();
  do take_array(pool, walk);
  while (array_start(walk->array) != start && walk->arrays_passed < pool->array_count);
  if (!is_same_key(walk->array + ARRAY_POOL, pool->key)) return ANCHOR_REQUIRE_SAME_KEY;
  return array_start(walk->array) == start ? 0 : CLMM_INVALID_FIRST_TICK_ARRAY;
}

static NOINLINE u64 enter_next_array(const Pool *pool, Walk *walk) {
  u64 error = find_next_array(pool, &walk->array_number, CLMM_LIQUIDITY_INSUFFICIENT);
  i64 start = walk->array_number * (i64)array_width(pool);
  while (!error && array_start(walk->array) != start) {
    error = take_array(pool, walk);
    if (!error && !is_same_key(walk->array + ARRAY_POOL, pool->key)) error = ANCHOR_REQUIRE_SAME_KEY;
  }
  return error;
}

/* Takes an array out of its bitmap when its last tick is gone. */
static NOINLINE u64 remove_array(const Pool *pool, const u8 *array) {
  Bitmap bitmap;
  i64 number = array_number_of(pool, array_start(array));
  if (!find_bitmap(pool, number, &bitmap)) return CLMM_EXTENSION_MISSING;
  if (!is_in_pool_bitmap(number) && !pool->extension->is_writable) return ANCHOR_NOT_MUTABLE;
  i64 bit = number - bitmap.first;
  bitmap.bits[bit >> 3] ^= 1 << (bit & 7);
  return 0;
}

#endif
