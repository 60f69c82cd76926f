/*
 * What the virtual machine gives a program: the serialized accounts of the instruction, the system
 * calls, and a heap. There are no writable globals; what outlives a stack frame lies in the heap.
 *
 * Layouts: https://solana.com/docs/programs/faq#input-parameter-serialization and the C SDK's
 * sol/entrypoint.h and sol/cpi.h (Apache-2.0).
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include "integers.h"

#define HEAP_START 0x300000000ULL
/* As many as a transaction can lock. */
#define MAX_ACCOUNTS 64
/* Room that the runtime leaves behind an account's data for growth. */
#define ACCOUNT_GROWTH_BYTES 10240
#define NOT_A_DUPLICATE 0xff

/* The layout is fixed: invoke reads it. */
typedef struct {
  u8 *key;
  u64 *lamports;
  u64 data_length;
  u8 *data;
  u8 *owner;
  u64 rent_epoch;
  u8 is_signer;
  u8 is_writable;
  u8 is_executable;
} Account;

typedef struct {
  const u8 *key;
  u8 is_writable;
  u8 is_signer;
} AccountMeta;

typedef struct {
  const u8 *program_id;
  const AccountMeta *accounts;
  u64 account_count;
  const u8 *data;
  u64 data_length;
} Instruction;

typedef struct {
  const u8 *bytes;
  u64 length;
} Seed;

typedef struct {
  const Seed *seeds;
  u64 count;
} SignerSeeds;

typedef struct {
  u64 slot;
  i64 epoch_start_timestamp;
  u64 epoch;
  u64 leader_schedule_epoch;
  i64 unix_timestamp;
} Clock;

extern u64 sol_log_(const char *text, u64 length);
extern u64 sol_invoke_signed_c(const Instruction *instruction, const Account *accounts, int account_count,
                               const SignerSeeds *signers, int signer_count);
/* Fields are Seeds: bytes and their length. A client reads them as "Program data:" in base64. */
extern u64 sol_log_data(const Seed *fields, u64 count);
extern u64 sol_set_return_data(const u8 *bytes, u64 length);
extern u64 sol_get_clock_sysvar(Clock *clock);
/* Both return 1 where the seeds give no address. */
extern u64 sol_create_program_address(const Seed *seeds, u64 count, const u8 *program_id, u8 *address);
extern u64 sol_try_find_program_address(const Seed *seeds, u64 count, const u8 *program_id, u8 *address, u8 *bump);

#define LOG(text) sol_log_(text, sizeof(text) - 1)

/* Error codes that every program written with Anchor shares (anchor-lang, error.rs). */
enum AnchorError {
  ANCHOR_UNKNOWN_INSTRUCTION = 101,
  ANCHOR_BAD_INSTRUCTION_DATA = 102,
  ANCHOR_NOT_WRITABLE = 2000,
  ANCHOR_HAS_ONE = 2001,
  ANCHOR_RAW_CONSTRAINT = 2003,
  ANCHOR_SEEDS = 2006,
  ANCHOR_ADDRESS = 2012,
  ANCHOR_TOKEN_MINT = 2014,
  ANCHOR_TOKEN_PROGRAM = 2021,
  ANCHOR_REQUIRE_EQUAL = 2501,
  ANCHOR_REQUIRE_SAME_KEY = 2502,
  ANCHOR_REQUIRE_GREATER = 2505,
  ANCHOR_REQUIRE_GREATER_OR_EQUAL = 2506,
  ANCHOR_BAD_DISCRIMINATOR = 3002,
  ANCHOR_BAD_ACCOUNT_DATA = 3003,
  ANCHOR_TOO_FEW_ACCOUNTS = 3005,
  ANCHOR_FOREIGN_OWNER = 3007,
  ANCHOR_NOT_A_PROGRAM = 3009,
  ANCHOR_NOT_SIGNED = 3010,
};

typedef struct {
  Account *accounts;
  u64 account_count;
  const u8 *data;
  u64 data_length;
  const u8 *program_id;
} Invocation;

INLINE int is_same_key(const u8 *a, const u8 *b) {
  return load_u64(a) == load_u64(b) && load_u64(a + 8) == load_u64(b + 8) && load_u64(a + 16) == load_u64(b + 16) &&
         load_u64(a + 24) == load_u64(b + 24);
}

INLINE int is_zero_key(const u8 *key) {
  return (load_u64(key) | load_u64(key + 8) | load_u64(key + 16) | load_u64(key + 24)) == 0;
}

/* Reads the entry point's input. The accounts' data stays where it is: writing to it writes the account. */
INLINE u64 read_invocation(Invocation *invocation, u8 *input) {
  Account *accounts = (Account *)HEAP_START;
  u64 count = load_u64(input);
  if (count > MAX_ACCOUNTS) return ANCHOR_BAD_INSTRUCTION_DATA;
  input += 8;
  for (u64 i = 0; i < count; i++) {
    u8 duplicate_of = input[0];
    Account *account = &accounts[i];
    if (duplicate_of != NOT_A_DUPLICATE) {
      *account = accounts[duplicate_of];
      input += 8;
      continue;
    }
    account->is_signer = input[1];
    account->is_writable = input[2];
    account->is_executable = input[3];
    account->key = input + 8;
    account->owner = input + 40;
    account->lamports = (u64 *)(input + 72);
    account->data_length = load_u64(input + 80);
    account->data = input + 88;
    input += 88 + account->data_length + ACCOUNT_GROWTH_BYTES;
    input = (u8 *)(((u64)input + 7) & ~7ULL);
    account->rent_epoch = load_u64(input);
    input += 8;
  }
  invocation->accounts = accounts;
  invocation->account_count = count;
  invocation->data_length = load_u64(input);
  invocation->data = input + 8;
  invocation->program_id = input + 8 + invocation->data_length;
  return 0;
}

#endif
