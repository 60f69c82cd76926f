/*
 * Token accounts, mints and transfers, for SPL Token and for Token-2022 mints without extensions.
 * Layouts: solana-program/token, interface/src/state.rs (Apache-2.0).
 */
#ifndef TOKEN_H
#define TOKEN_H

#include "runtime.h"

#define TOKEN_ACCOUNT_BYTES 165
#define TOKEN_ACCOUNT_MINT 0
#define TOKEN_ACCOUNT_AMOUNT 64
#define MINT_BYTES 82
#define MINT_DECIMALS 44
#define TRANSFER_CHECKED 12

/* One side of a pool: what must belong together for its vault to be moved. */
typedef struct {
  const Account *vault;
  const Account *mint;
  const Account *program;
} PoolSide;

INLINE u64 token_amount(const Account *token_account) { return load_u64(token_account->data + TOKEN_ACCOUNT_AMOUNT); }

/*
 * Refuses a vault of another mint or token program, and a mint with extensions: a transfer fee or hook
 * would make the amounts that arrive differ from the amounts that this program computes.
 */
static NOINLINE u64 check_pool_side(const PoolSide *side, u64 unsupported_mint_error) {
  const Account *vault = side->vault, *mint = side->mint;
  if (!is_same_key(vault->owner, side->program->key)) return ANCHOR_TOKEN_PROGRAM;
  if (!is_same_key(mint->owner, side->program->key)) return ANCHOR_FOREIGN_OWNER;
  if (!side->program->is_executable) return ANCHOR_NOT_A_PROGRAM;
  if (vault->data_length < TOKEN_ACCOUNT_BYTES || mint->data_length < MINT_BYTES) return ANCHOR_BAD_ACCOUNT_DATA;
  if (!is_same_key(vault->data + TOKEN_ACCOUNT_MINT, mint->key)) return ANCHOR_TOKEN_MINT;
  if (mint->data_length != MINT_BYTES) return unsupported_mint_error;
  return 0;
}

typedef struct {
  const Invocation *invocation;
  const Account *program;
  const Account *source;
  const Account *mint;
  const Account *destination;
  const Account *authority;
  /* NULL when the authority signed the transaction itself. */
  const SignerSeeds *signer;
  u64 amount;
} Transfer;

/* Moves tokens. Returns the token program's error. */
static NOINLINE u64 transfer_checked(const Transfer *transfer) {
  u8 data[10];
  data[0] = TRANSFER_CHECKED;
  store_u64(data + 1, transfer->amount);
  data[9] = transfer->mint->data[MINT_DECIMALS];

  AccountMeta metas[4];
  metas[0] = (AccountMeta){transfer->source->key, 1, 0};
  metas[1] = (AccountMeta){transfer->mint->key, 0, 0};
  metas[2] = (AccountMeta){transfer->destination->key, 1, 0};
  metas[3] = (AccountMeta){transfer->authority->key, 0, 1};

  Instruction instruction = {transfer->program->key, metas, 4, data, sizeof(data)};
  return sol_invoke_signed_c(&instruction, transfer->invocation->accounts, (int)transfer->invocation->account_count,
                             transfer->signer, transfer->signer ? 1 : 0);
}

#endif
