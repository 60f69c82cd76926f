/*
 * Ticks and their prices: the square root of 1.0001^tick in Q64.64, rounded step by step as the program does.
 * Facts: raydium-io/raydium-clmm (Apache-2.0), libraries/tick_math.rs.
 */
#ifndef CLMM_TICK_PRICE_H
#define CLMM_TICK_PRICE_H

#include "raydium-clmm.h"
#include "wide-math.h"

#define MAX_TICK 443636
#define MIN_TICK (-MAX_TICK)
#define MIN_SQRT_PRICE 4295048016ULL
/* 79226673521066979257578248091 */
static const Wide MAX_SQRT_PRICE = {{0x845c1aa94e69579bULL, 0xfffec4b1ULL, 0, 0}};

/* 2^64 / 1.0001^(2^(bit - 1)) for each bit of a tick. */
static const u64 TICK_FACTORS[19] = {
    0xfffcb933bd6fb800ULL, 0xfff97272373d4000ULL, 0xfff2e50f5f657000ULL, 0xffe5caca7e10f000ULL, 0xffcb9843d60f7000ULL,
    0xff973b41fa98e800ULL, 0xff2ea16466c9b000ULL, 0xfe5dee046a9a3800ULL, 0xfcbe86c7900bb000ULL, 0xf987a7253ac65800ULL,
    0xf3392b0822bb6000ULL, 0xe7159475a2caf000ULL, 0xd097f3bdfd2f2000ULL, 0xa9f746462d9f8000ULL, 0x70d869a156f31c00ULL,
    0x31be135f97ed3200ULL, 0x9aa508b5b85a500ULL,  0x5d6af8dedc582cULL,   0x2216e584f5faULL};

/* `tick` lies between MIN_TICK and MAX_TICK. */
static NOINLINE void price_at_tick(Wide *price, i64 tick) {
  u64 distance = (u64)(tick < 0 ? -tick : tick), ratio = 0;
  wide_set(price, 0);
  price->limb[1] = 1;
  if (distance == 0) return;
  for (int bit = 0; bit < 19; bit++) {
    if (!((distance >> bit) & 1)) continue;
    u64 low, high = 0;
    multiply_accumulate(ratio, TICK_FACTORS[bit], 0, &low, &high);
    ratio = ratio == 0 ? TICK_FACTORS[bit] : high;
  }
  wide_set(price, ratio);
  if (tick < 0) return;
  Wide most = {{~0ULL, ~0ULL, 0, 0}}, remainder;
  wide_divide(price, &remainder, &most, price);
}

/* The logarithm to base 2 of a price in 16 binary places, rounded down. */
static NOINLINE i64 log2_of(const Wide *price) {
  int is_high = price->limb[1] != 0, top = 63;
  u64 digits = price->limb[is_high];
  while (!(digits >> top)) top--;
  digits <<= 63 - top;
  if (is_high && top < 63) digits |= price->limb[0] >> (top + 1);
  i64 result = ((i64)top - (is_high ? 0 : 64)) * 65536;
  for (i64 place = 32768; place > 0; place >>= 1) {
    u64 low, high = 0;
    multiply_accumulate(digits, digits, 0, &low, &high);
    int is_two = (int)(high >> 63);
    digits = is_two ? high : (high << 1) | (low >> 63);
    if (is_two) result += place;
  }
  return result;
}

/* The greatest tick whose price is not above `price`. */
static NOINLINE u64 tick_at_price(i64 *tick, const Wide *price) {
  Wide bound;
  wide_set(&bound, MIN_SQRT_PRICE);
  if (wide_is_less(price, &bound) || !wide_is_less(price, &MAX_SQRT_PRICE)) return CLMM_PRICE_OUT_OF_RANGE;
  /* 2 / log2(1.0001) in 16 binary places. Less a bit, so that what is rounded away never lifts the guess above the tick. */
  i64 guess = (log2_of(price) * 908567297LL - (1 << 24)) >> 32;
  if (guess < MIN_TICK) guess = MIN_TICK;
  for (*tick = guess; *tick < MAX_TICK - 1; (*tick)++) {
    price_at_tick(&bound, *tick + 1);
    if (wide_is_less(price, &bound)) break;
  }
  return 0;
}

#endif
