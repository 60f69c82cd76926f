/*
 * The checks of a swap's accounts, in the order of Anchor: first each account by itself, in the order of the
 * instruction, then what binds them to the pool.
 */
#ifndef DLMM_ACCOUNTS_H
#define DLMM_ACCOUNTS_H

#include "dlmm-pool.h"

static NOINLINE u64 check_own(const Pool *pool, u64 index, const u64 discriminator_and_bytes[2]) {
  const Account *own = account(pool, index);
  if (!is_same_key(own->owner, pool->invocation.program_id)) return ANCHOR_FOREIGN_OWNER;
  if (own->data_length < 8) return ANCHOR_NO_DISCRIMINATOR;
  if (load_u64(own->data) != discriminator_and_bytes[0]) return ANCHOR_BAD_DISCRIMINATOR;
  return own->data_length < discriminator_and_bytes[1] ? ANCHOR_BAD_ACCOUNT_DATA : 0;
}

/* The first versions of the instructions know SPL Token alone. */
static NOINLINE u64 check_side_program(const Pool *pool, u64 index, int is_first_version) {
  const Account *program = account(pool, index);
  if (is_first_version && !is_same_key(program->key, TOKEN_KEY)) return ANCHOR_INVALID_PROGRAM_ID;
  return check_token_program(program);
}

static NOINLINE u64 check_one(const Pool *pool, u64 index, int is_first_version) {
  static const u64 POOL_KIND[2] = {POOL_DISCRIMINATOR, POOL_BYTES};
  static const u64 EXTENSION_KIND[2] = {EXTENSION_DISCRIMINATOR, EXTENSION_BYTES};
  static const u64 ORACLE_KIND[2] = {ORACLE_DISCRIMINATOR, ORACLE_OBSERVATIONS};
  switch (index) {
    case POOL:
      return check_own(pool, POOL, POOL_KIND);
    case BITMAP_EXTENSION:
      return is_given(pool, BITMAP_EXTENSION) ? check_own(pool, BITMAP_EXTENSION, EXTENSION_KIND) : 0;
    case ORACLE:
      return check_own(pool, ORACLE, ORACLE_KIND);
    case MINT_X:
    case MINT_Y:
      return check_mint(account(pool, index));
    case HOST_FEE:
      return is_given(pool, HOST_FEE) ? check_token_account(account(pool, HOST_FEE)) : 0;
    case PAYER:
      return account(pool, PAYER)->is_signer ? 0 : ANCHOR_NOT_SIGNED;
    case TOKEN_PROGRAM_X:
    case TOKEN_PROGRAM_Y:
      return check_side_program(pool, index, is_first_version);
    case MEMO_PROGRAM:
      if (is_first_version) return 0;
      return is_same_key(account(pool, MEMO_PROGRAM)->key, MEMO_PROGRAM_KEY) ? 0 : ANCHOR_INVALID_PROGRAM_ID;
    case EVENT_AUTHORITY:
    case PROGRAM:
      return 0;
    default:
      return check_token_account(account(pool, index));
  }
}

INLINE int is_field(const Pool *pool, enum AccountIndex index, enum PoolOffset field) {
  return is_same_key(account(pool, index)->key, pool->state + field);
}

INLINE int is_writable(const Pool *pool, enum AccountIndex index) { return account(pool, index)->is_writable; }

static NOINLINE u64 check_pool_fields(const Pool *pool) {
  if (!is_writable(pool, POOL)) return ANCHOR_NOT_WRITABLE;
  if (!is_field(pool, VAULT_X, POOL_VAULT_X) || !is_field(pool, VAULT_Y, POOL_VAULT_Y)) return ANCHOR_HAS_ONE;
  if (!is_field(pool, MINT_X, POOL_MINT_X) || !is_field(pool, MINT_Y, POOL_MINT_Y)) return ANCHOR_HAS_ONE;
  if (!is_field(pool, ORACLE, POOL_ORACLE)) return ANCHOR_HAS_ONE;
  if (!is_given(pool, BITMAP_EXTENSION)) return 0;
  if (!is_writable(pool, BITMAP_EXTENSION)) return ANCHOR_NOT_WRITABLE;
  const u8 *extended = account(pool, BITMAP_EXTENSION)->data + EXTENSION_POOL;
  return is_same_key(extended, account(pool, POOL)->key) ? 0 : ANCHOR_HAS_ONE;
}

/* The mints of the user's accounts say which way the swap goes. */
static NOINLINE u64 read_direction(Pool *pool) {
  const u8 *in = account(pool, USER_IN)->data + TOKEN_ACCOUNT_MINT;
  const u8 *out = account(pool, USER_OUT)->data + TOKEN_ACCOUNT_MINT;
  const u8 *x = account(pool, MINT_X)->key, *y = account(pool, MINT_Y)->key;
  pool->is_x_to_y = is_same_key(in, x);
  if (!is_same_key(in, pool->is_x_to_y ? x : y)) return DLMM_INVALID_MINT;
  return is_same_key(out, pool->is_x_to_y ? y : x) ? 0 : DLMM_INVALID_MINT;
}

static NOINLINE u64 check_accounts(Pool *pool, int is_first_version) {
  for (u64 i = 0; i < FIXED_ACCOUNT_COUNT; i++) {
    if (i >= pool->invocation.account_count) return ANCHOR_TOO_FEW_ACCOUNTS;
    u64 error = check_one(pool, i, is_first_version);
    if (error) return error;
  }
  pool->state = account(pool, POOL)->data;
  u64 error = check_pool_fields(pool);
  if (error) return error;
  if (!is_writable(pool, VAULT_X) || !is_writable(pool, VAULT_Y)) return ANCHOR_NOT_WRITABLE;
  if (!is_writable(pool, USER_IN)) return ANCHOR_NOT_WRITABLE;
  error = read_direction(pool);
  if (error) return error;
  if (!is_writable(pool, USER_OUT) || !is_writable(pool, ORACLE)) return ANCHOR_NOT_WRITABLE;
  pool->has_host = is_given(pool, HOST_FEE);
  if (pool->has_host && !is_writable(pool, HOST_FEE)) return ANCHOR_NOT_WRITABLE;
  return is_same_key(account(pool, EVENT_AUTHORITY)->key, EVENT_AUTHORITY_KEY) ? 0 : ANCHOR_SEEDS;
}

#endif
