/*
 * Unsigned integers of 256 bits and their exact arithmetic.
 *
 * The target has no 128-bit multiplication or division and no library to call, and the pools'
 * formulas need products of two 128-bit numbers. Every amount is therefore computed as a Wide and
 * narrowed at the end; an operation that does not fit says so, and nothing wraps silently.
 */
#ifndef WIDE_MATH_H
#define WIDE_MATH_H

#include "integers.h"

/* Little endian: limb[0] holds the lowest 64 bits. */
typedef struct {
  u64 limb[4];
} Wide;

enum Rounding { ROUND_DOWN, ROUND_UP };

INLINE void wide_set(Wide *out, u64 value) {
  out->limb[0] = value;
  out->limb[1] = 0;
  out->limb[2] = 0;
  out->limb[3] = 0;
}

INLINE void wide_copy(Wide *out, const Wide *value) {
  out->limb[0] = value->limb[0];
  out->limb[1] = value->limb[1];
  out->limb[2] = value->limb[2];
  out->limb[3] = value->limb[3];
}

INLINE void wide_load_u128(Wide *out, const u8 *bytes) {
  out->limb[0] = load_u64(bytes);
  out->limb[1] = load_u64(bytes + 8);
  out->limb[2] = 0;
  out->limb[3] = 0;
}

INLINE void wide_load_u256(Wide *out, const u8 *bytes) {
  for (int i = 0; i < 4; i++) out->limb[i] = load_u64(bytes + 8 * i);
}

/* The caller has checked wide_fits_u128. */
INLINE void wide_store_u128(u8 *bytes, const Wide *value) {
  store_u64(bytes, value->limb[0]);
  store_u64(bytes + 8, value->limb[1]);
}

INLINE void wide_store_u256(u8 *bytes, const Wide *value) {
  for (int i = 0; i < 4; i++) store_u64(bytes + 8 * i, value->limb[i]);
}

INLINE int wide_fits_u64(const Wide *value) { return !(value->limb[1] | value->limb[2] | value->limb[3]); }
INLINE int wide_fits_u128(const Wide *value) { return !(value->limb[2] | value->limb[3]); }
INLINE int wide_is_zero(const Wide *value) { return wide_fits_u64(value) && value->limb[0] == 0; }

/* Whether a < b. */
static NOINLINE int wide_is_less(const Wide *a, const Wide *b) {
  for (int i = 3; i >= 0; i--) {
    if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i];
  }
  return 0;
}

/* out = a + b. Returns 1 when the sum needs more than 256 bits. out may be a or b. */
static NOINLINE int wide_add(Wide *out, const Wide *a, const Wide *b) {
  u64 carry = 0;
  for (int i = 0; i < 4; i++) {
    u64 partial = a->limb[i] + carry;
    u64 overflow = partial < carry;
    u64 sum = partial + b->limb[i];
    carry = overflow | (sum < partial);
    out->limb[i] = sum;
  }
  return carry != 0;
}

/* out = a - b. Returns 1 when b is greater than a. out may be a or b. */
static NOINLINE int wide_subtract(Wide *out, const Wide *a, const Wide *b) {
  u64 borrow = 0;
  for (int i = 0; i < 4; i++) {
    u64 left = a->limb[i], right = b->limb[i];
    u64 partial = left - right;
    u64 difference = partial - borrow;
    borrow = (left < right) | (partial < borrow);
    out->limb[i] = difference;
  }
  return borrow != 0;
}

/* (high:low) = a * b + addend + carry, which always fits. */
INLINE void multiply_accumulate(u64 a, u64 b, u64 addend, u64 *low, u64 *carry) {
  u64 a_low = (u32)a, a_high = a >> 32, b_low = (u32)b, b_high = b >> 32;
  u64 bottom = a_low * b_low, cross1 = a_low * b_high, cross2 = a_high * b_low;
  u64 middle = (bottom >> 32) + (u32)cross1 + (u32)cross2;
  u64 product_low = (middle << 32) | (u32)bottom;
  u64 product_high = a_high * b_high + (cross1 >> 32) + (cross2 >> 32) + (middle >> 32);
  product_low += addend;
  product_high += product_low < addend;
  product_low += *carry;
  product_high += product_low < *carry;
  *low = product_low;
  *carry = product_high;
}

/* out = a * b. Returns 1 when the product needs more than 256 bits. out is neither a nor b. */
static NOINLINE int wide_multiply(Wide *out, const Wide *a, const Wide *b) {
  int overflow = 0;
  wide_set(out, 0);
  for (int i = 0; i < 4; i++) {
    if (a->limb[i] == 0) continue;
    u64 carry = 0;
    for (int j = 0; i + j < 4; j++)
      multiply_accumulate(a->limb[i], b->limb[j], out->limb[i + j], &out->limb[i + j], &carry);
    overflow |= carry != 0;
    for (int j = 4 - i; j < 4; j++) overflow |= b->limb[j] != 0;
  }
  return overflow;
}

/* out = a * 2^128. Returns 1 when the result needs more than 256 bits. */
INLINE int wide_shift_left_128(Wide *out, const Wide *a) {
  u64 low = a->limb[0], high = a->limb[1];
  int overflow = (a->limb[2] | a->limb[3]) != 0;
  out->limb[0] = 0;
  out->limb[1] = 0;
  out->limb[2] = low;
  out->limb[3] = high;
  return overflow;
}

/* out = a * 2^64. The caller knows that the result fits. */
INLINE void wide_shift_left_64(Wide *out, const Wide *a) {
  out->limb[3] = a->limb[2];
  out->limb[2] = a->limb[1];
  out->limb[1] = a->limb[0];
  out->limb[0] = 0;
}

/* out = floor(a / 2^64). */
INLINE void wide_shift_right_64(Wide *out, const Wide *a) {
  out->limb[0] = a->limb[1];
  out->limb[1] = a->limb[2];
  out->limb[2] = a->limb[3];
  out->limb[3] = 0;
}

INLINE int count_digits(const u32 *digits) {
  int count = 8;
  while (count > 0 && digits[count - 1] == 0) count--;
  return count;
}

/*
 * quotient = floor(dividend / divisor) and the remainder. Returns 1 when the divisor is zero.
 * Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D with digits of 32 bits.
 * The outputs may be the inputs.
 */
static NOINLINE int wide_divide(Wide *quotient, Wide *remainder, const Wide *dividend, const Wide *divisor) {
  const u32 *divisor_digits = (const u32 *)divisor->limb;
  const u32 *dividend_digits = (const u32 *)dividend->limb;
  int n = count_digits(divisor_digits), m = count_digits(dividend_digits);
  if (n == 0) return 1;
  if (m < n) {
    wide_copy(remainder, dividend);
    wide_set(quotient, 0);
    return 0;
  }

  Wide result;
  u32 *q = (u32 *)result.limb;
  wide_set(&result, 0);
  if (n == 1) {
    u64 rest = 0, digit = divisor_digits[0];
    for (int i = m - 1; i >= 0; i--) {
      u64 part = (rest << 32) | dividend_digits[i];
      q[i] = (u32)(part / digit);
      rest = part % digit;
    }
    wide_set(remainder, rest);
    wide_copy(quotient, &result);
    return 0;
  }

  /* Normalize: the divisor's top digit gets its top bit, so that a guessed digit is at most two too large. */
  int shift = 0;
  while (!((divisor_digits[n - 1] << shift) & 0x80000000u)) shift++;
  u32 v[8], u[9];
  for (int i = 0; i < n; i++) {
    u64 below = i > 0 ? divisor_digits[i - 1] : 0;
    v[i] = (u32)((((u64)divisor_digits[i] << 32) | below) >> (32 - shift));
  }
  for (int i = 0; i <= m; i++) {
    u64 here = i < m ? dividend_digits[i] : 0, below = i > 0 ? dividend_digits[i - 1] : 0;
    u[i] = (u32)(((here << 32) | below) >> (32 - shift));
  }

  for (int j = m - n; j >= 0; j--) {
    u64 top = ((u64)u[j + n] << 32) | u[j + n - 1];
    u64 guess = top / v[n - 1], rest = top % v[n - 1];
    while (guess >> 32 || guess * v[n - 2] > ((rest << 32) | u[j + n - 2])) {
      guess--;
      rest += v[n - 1];
      if (rest >> 32) break;
    }
    u64 carry = 0, borrow = 0;
    for (int i = 0; i < n; i++) {
      u64 product = guess * v[i] + carry;
      carry = product >> 32;
      u64 difference = (u64)u[i + j] - (u32)product - borrow;
      u[i + j] = (u32)difference;
      borrow = difference >> 63;
    }
    u64 difference = (u64)u[j + n] - carry - borrow;
    u[j + n] = (u32)difference;
    if (difference >> 63) {
      guess--;
      carry = 0;
      for (int i = 0; i < n; i++) {
        u64 sum = (u64)u[i + j] + v[i] + carry;
        u[i + j] = (u32)sum;
        carry = sum >> 32;
      }
      u[j + n] += (u32)carry;
    }
    q[j] = (u32)guess;
  }

  wide_set(remainder, 0);
  u32 *r = (u32 *)remainder->limb;
  for (int i = 0; i < n; i++) r[i] = (u32)((((u64)u[i + 1] << 32) | u[i]) >> shift);
  wide_copy(quotient, &result);
  return 0;
}

/* out = dividend / divisor, rounded. Returns 1 on division by zero. */
static NOINLINE int wide_divide_rounded(Wide *out, const Wide *dividend, const Wide *divisor, enum Rounding rounding) {
  Wide remainder, one;
  if (wide_divide(out, &remainder, dividend, divisor)) return 1;
  if (rounding == ROUND_DOWN || wide_is_zero(&remainder)) return 0;
  wide_set(&one, 1);
  return wide_add(out, out, &one);
}

/* out = a * b / divisor, rounded. Returns 1 when the product or the quotient does not fit, or on division by zero. */
static NOINLINE int wide_multiply_divide(Wide *out, const Wide *a, const Wide *b, const Wide *divisor,
                                         enum Rounding rounding) {
  Wide product;
  if (wide_multiply(&product, a, b)) return 1;
  return wide_divide_rounded(out, &product, divisor, rounding);
}

/* out = a * b / divisor, rounded. Returns 1 when the result needs more than 64 bits, or on division by zero. */
static NOINLINE int multiply_divide(u64 *out, const u64 factors[2], u64 divisor, enum Rounding rounding) {
  Wide a, b, d, result;
  wide_set(&a, factors[0]);
  wide_set(&b, factors[1]);
  wide_set(&d, divisor);
  if (wide_multiply_divide(&result, &a, &b, &d, rounding) || !wide_fits_u64(&result)) return 1;
  *out = result.limb[0];
  return 0;
}

/* root = floor(sqrt(value)), bit by bit. root is not value. */
static NOINLINE void wide_square_root(Wide *root, const Wide *value) {
  Wide trial, square;
  wide_set(root, 0);
  for (int bit = 127; bit >= 0; bit--) {
    wide_copy(&trial, root);
    trial.limb[bit >> 6] |= 1ULL << (bit & 63);
    if (!wide_multiply(&square, &trial, &trial) && !wide_is_less(value, &square)) wide_copy(root, &trial);
  }
}

/* *value += amount. Returns 1 when the sum needs more than 64 bits. */
INLINE int add_checked(u64 *value, u64 amount) {
  u64 sum = *value + amount;
  if (sum < amount) return 1;
  *value = sum;
  return 0;
}

#endif
