/*
 * Accounts as programs written with Anchor read them: the same refusals with the same codes.
 * Facts: anchor-lang, src/accounts and src/error.rs (Apache-2.0).
 */
#ifndef ANCHOR_ACCOUNTS_H
#define ANCHOR_ACCOUNTS_H

#include "runtime.h"

#define PUBKEY_BYTES 32

/* The runtime's own errors are returned above 32 bits (solana-program-error, src/lib.rs). */
#define RUNTIME_ERROR(number) ((u64)(number) << 32)
#define INVALID_ACCOUNT_DATA RUNTIME_ERROR(4)
#define UNINITIALIZED_ACCOUNT RUNTIME_ERROR(10)
#define UNSUPPORTED_SYSVAR RUNTIME_ERROR(17)

enum AnchorAccountError {
  ANCHOR_SIGNER = 2002,
  ANCHOR_TOKEN_OWNER = 2015,
  ANCHOR_NO_DISCRIMINATOR = 3001,
  ANCHOR_NOT_MUTABLE = 3006,
  ANCHOR_INVALID_PROGRAM_ID = 3008,
  ANCHOR_NOT_INITIALIZED = 3012,
};

extern void abort(void) __attribute__((noreturn));

/* Where a program written in Rust would panic, this one ends the same way: the program failed to complete. */
static NOINLINE __attribute__((noreturn)) void panic(void) { abort(); }

static const u8 SYSTEM_PROGRAM_KEY[PUBKEY_BYTES] = {0};
/* MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr */
static const u8 MEMO_PROGRAM_KEY[PUBKEY_BYTES] = {0x05, 0x4a, 0x53, 0x5a, 0x99, 0x29, 0x21, 0x06, 0x4d, 0x24, 0xe8,
                                        0x71, 0x60, 0xda, 0x38, 0x7c, 0x7c, 0x35, 0xb5, 0xdd, 0xbc, 0x92,
                                        0xbb, 0x81, 0xe4, 0x1f, 0xa8, 0x40, 0x41, 0x05, 0x44, 0x8d};

INLINE void copy_key(u8 *to, const u8 *from) {
  for (int i = 0; i < PUBKEY_BYTES; i += 8) store_u64(to + i, load_u64(from + i));
}

/* Account<T>, after which its data is read. */
static NOINLINE u64 check_program_account(const Account *account, const u8 *program_id, u64 discriminator) {
  if (is_same_key(account->owner, SYSTEM_PROGRAM_KEY) && *account->lamports == 0) return ANCHOR_NOT_INITIALIZED;
  if (!is_same_key(account->owner, program_id)) return ANCHOR_FOREIGN_OWNER;
  if (account->data_length < 8) return ANCHOR_NO_DISCRIMINATOR;
  return load_u64(account->data) == discriminator ? 0 : ANCHOR_BAD_DISCRIMINATOR;
}

/* AccountLoader<T>, whose length is looked at only when it is loaded. */
static NOINLINE u64 check_loaded_account(const Account *account, const u8 *program_id, u64 discriminator) {
  if (!is_same_key(account->owner, program_id)) return ANCHOR_FOREIGN_OWNER;
  if (account->data_length < 8) return ANCHOR_NO_DISCRIMINATOR;
  return load_u64(account->data) == discriminator ? 0 : ANCHOR_BAD_DISCRIMINATOR;
}

#endif
