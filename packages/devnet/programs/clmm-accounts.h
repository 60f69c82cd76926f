/*
 * The checks of a swap's accounts, in the order of Anchor: first each account by itself, in the order of the
 * instruction, then what binds them to the pool. Behind them come the bitmap extension and the tick arrays.
 */
#ifndef CLMM_ACCOUNTS_H
#define CLMM_ACCOUNTS_H

#include "clmm-pool.h"

/* Program<T>: one program alone. */
static NOINLINE u64 check_program(const Account *program, const u8 *key) {
  if (!is_same_key(program->key, key)) return ANCHOR_INVALID_PROGRAM_ID;
  return program->is_executable ? 0 : ANCHOR_NOT_A_PROGRAM;
}

static NOINLINE u64 check_account(const Pool *pool, u64 index) {
  const Account *given = account(pool, index);
  const u8 *program_id = pool->invocation.program_id;
  switch (index) {
    case PAYER:
      return given->is_signer ? 0 : ANCHOR_NOT_SIGNED;
    case AMM_CONFIG: {
      u64 error = check_program_account(given, program_id, CONFIG_DISCRIMINATOR);
      if (error) return error;
      return given->data_length < CONFIG_BYTES ? ANCHOR_BAD_ACCOUNT_DATA : 0;
    }
    case POOL_STATE:
      return check_loaded_account(given, program_id, POOL_DISCRIMINATOR);
    case OBSERVATION:
      return check_loaded_account(given, program_id, OBSERVATION_DISCRIMINATOR);
    case TOKEN_PROGRAM:
      return check_program(given, TOKEN_KEY);
    case TOKEN_PROGRAM_2022:
      return check_program(given, TOKEN_2022_KEY);
    case MEMO_PROGRAM:
      return check_program(given, MEMO_PROGRAM_KEY);
    case MINT_IN:
    case MINT_OUT:
      return check_mint(given);
    default:
      return check_token_account(given);
  }
}

INLINE int is_field(const Pool *pool, u64 index, enum PoolOffset field) {
  return is_same_key(account(pool, index)->key, pool->state + field);
}

/* The accounts among each other. */
static NOINLINE u64 check_relations(const Pool *pool) {
  if (account(pool, POOL_STATE)->data_length < POOL_BYTES) panic();
  if (!is_field(pool, AMM_CONFIG, POOL_CONFIG)) return ANCHOR_ADDRESS;
  for (u64 index = POOL_STATE; index <= OBSERVATION; index++)
    if (!account(pool, index)->is_writable) return ANCHOR_NOT_WRITABLE;
  if (!is_field(pool, OBSERVATION, POOL_OBSERVATION)) return ANCHOR_ADDRESS;
  if (!is_same_key(account(pool, MINT_IN)->key, account(pool, VAULT_IN)->data + TOKEN_ACCOUNT_MINT))
    return ANCHOR_ADDRESS;
  return is_same_key(account(pool, MINT_OUT)->key, account(pool, VAULT_OUT)->data + TOKEN_ACCOUNT_MINT)
             ? 0
             : ANCHOR_ADDRESS;
}

static NOINLINE u64 check_accounts(Pool *pool) {
  for (u64 index = 0; index < FIXED_ACCOUNT_COUNT; index++) {
    if (index >= pool->invocation.account_count) return ANCHOR_TOO_FEW_ACCOUNTS;
    u64 error = check_account(pool, index);
    if (error) return error;
  }
  pool->state = account(pool, POOL_STATE)->data;
  return check_relations(pool);
}

/* The vaults say which way the swap goes. */
static NOINLINE u64 read_direction(Pool *pool) {
  const u8 *mint_in = account(pool, VAULT_IN)->data + TOKEN_ACCOUNT_MINT;
  pool->is_zero_for_one = is_same_key(mint_in, pool->state + POOL_MINT_0);
  if ((u64)pool->clock.unix_timestamp <= load_u64(pool->state + POOL_OPEN_TIME)) return ANCHOR_REQUIRE_GREATER;
  int is_right = pool->is_zero_for_one
                     ? is_field(pool, VAULT_IN, POOL_VAULT_0) && is_field(pool, VAULT_OUT, POOL_VAULT_1)
                     : is_field(pool, VAULT_IN, POOL_VAULT_1) && is_field(pool, VAULT_OUT, POOL_VAULT_0);
  return is_right ? 0 : CLMM_INVALID_VAULT;
}

/* What the pool's address is made of, and what signs for it. */
static NOINLINE void pool_seeds(const u8 *state, Seed seeds[5]) {
  seeds[0] = (Seed){(const u8 *)"pool", 4};
  seeds[1] = (Seed){state + POOL_CONFIG, PUBKEY_BYTES};
  seeds[2] = (Seed){state + POOL_MINT_0, PUBKEY_BYTES};
  seeds[3] = (Seed){state + POOL_MINT_1, PUBKEY_BYTES};
  seeds[4] = (Seed){state + POOL_BUMP, 1};
}

static NOINLINE void derive_addresses(Pool *pool, u8 *extension_key) {
  Seed seeds[5];
  u8 bump;
  pool_seeds(pool->state, seeds);
  if (sol_create_program_address(seeds, 5, pool->invocation.program_id, pool->key)) panic();
  Seed extension_seeds[2] = {{(const u8 *)"pool_tick_array_bitmap_extension", 32}, {pool->key, PUBKEY_BYTES}};
  if (sol_try_find_program_address(extension_seeds, 2, pool->invocation.program_id, extension_key, &bump)) panic();
}

/* The pool and the arrays so far are being written to, and the program panics where it meets one of them again. */
static NOINLINE int is_in_use(const Pool *pool, const Account *given) {
  if (given->data == pool->state) return 1;
  for (u64 i = 0; i < pool->array_count; i++)
    if (account(pool, pool->arrays[i])->data == given->data) return 1;
  return 0;
}

static NOINLINE u64 add_tick_array(Pool *pool, u64 index) {
  const Account *array = account(pool, index);
  if (!is_same_key(array->owner, pool->invocation.program_id)) return ANCHOR_FOREIGN_OWNER;
  if (!array->is_writable) return ANCHOR_NOT_MUTABLE;
  if (load_u64(array->data) != TICK_ARRAY_DISCRIMINATOR) return ANCHOR_BAD_DISCRIMINATOR;
  pool->arrays[pool->array_count++] = (u8)index;
  return 0;
}

/* The first account that is neither the extension nor as long as a tick array ends them. */
static NOINLINE u64 read_tick_arrays(Pool *pool) {
  u8 extension_key[PUBKEY_BYTES];
  derive_addresses(pool, extension_key);
  pool->extension = 0;
  pool->array_count = 0;
  for (u64 index = FIXED_ACCOUNT_COUNT; index < pool->invocation.account_count; index++) {
    const Account *given = account(pool, index);
    u64 error;
    if (is_same_key(given->key, extension_key)) {
      error = check_loaded_account(given, pool->invocation.program_id, EXTENSION_DISCRIMINATOR);
      if (!error && given->data_length < EXTENSION_BYTES) panic();
      pool->extension = given;
    } else {
      if (is_in_use(pool, given)) panic();
      if (given->data_length != TICK_ARRAY_BYTES) return 0;
      error = add_tick_array(pool, index);
    }
    if (error) return error;
  }
  return 0;
}

#endif
