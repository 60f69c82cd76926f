/*
 * What programs written with Anchor log when a comparison fails: where it was, the error's name, number and sentence, and
 * the two values. Clients read the values out of it. Facts: anchor-lang, src/error.rs (Apache-2.0).
 */
#ifndef ANCHOR_LOG_H
#define ANCHOR_LOG_H

#include "runtime.h"

/* Nothing follows where the program compares with `require!`. */
#define LOG_ANCHOR_ERROR(place, name, number, sentence)                                                 \
  LOG("AnchorError thrown in " place ". Error Code: " name ". Error Number: " number ". Error Message: " \
      sentence ".")

#define LABEL_BYTES 7
#define MOST_DIGITS 20

/* A label of at most seven bytes, and the value in decimal. */
static NOINLINE void log_labeled(const char *label, u64 label_length, u64 value) {
  u8 line[LABEL_BYTES + MOST_DIGITS];
  u64 digits = 1;
  for (u64 rest = value; rest >= 10; rest /= 10) digits++;
  for (u64 i = 0; i < label_length; i++) line[i] = (u8)label[i];
  for (u64 i = label_length + digits; i > label_length; value /= 10) line[--i] = (u8)('0' + value % 10);
  sol_log_((const char *)line, label_length + digits);
}

/* The values that `require_gte!` compared. */
static NOINLINE void log_compared(u64 left, u64 right) {
  log_labeled("Left: ", 6, left);
  log_labeled("Right: ", 7, right);
}

#endif
