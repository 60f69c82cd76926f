/*
 * Mints and token accounts of SPL Token and of Token-2022, and the fee that a Token-2022 mint takes from transfers.
 * Layouts and formulas: solana-program/token-2022, interface/src/{state,extension/mod,extension/transfer_fee/mod}.rs
 * (Apache-2.0).
 */
#ifndef TOKEN_INTERFACE_H
#define TOKEN_INTERFACE_H

#include "anchor-accounts.h"
#include "token.h"
#include "wide-math.h"

#define MULTISIG_BYTES 355
#define EXTENSION_TYPE_AT TOKEN_ACCOUNT_BYTES
#define EXTENSIONS_AT (TOKEN_ACCOUNT_BYTES + 1)
#define TRANSFER_FEE_CONFIG 1
#define TRANSFER_FEE_CONFIG_BYTES 108
#define TRANSFER_FEE_BASIS_POINTS 10000
enum MintOffset { MINT_SUPPLY = 36, MINT_INITIALIZED = 45, MINT_FREEZE_AUTHORITY = 46 };
enum TokenAccountOffset {
  TOKEN_ACCOUNT_OWNER = 32,
  TOKEN_ACCOUNT_DELEGATE = 72,
  TOKEN_ACCOUNT_STATE = 108,
  TOKEN_ACCOUNT_NATIVE = 109,
  TOKEN_ACCOUNT_CLOSE_AUTHORITY = 129,
};
/* What lies at EXTENSION_TYPE_AT. */
enum ExtensionOwner { EXTENDS_MINT = 1, EXTENDS_ACCOUNT = 2 };

/* TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA */
static const u8 TOKEN_KEY[PUBKEY_BYTES] = {0x06, 0xdd, 0xf6, 0xe1, 0xd7, 0x65, 0xa1, 0x93, 0xd9, 0xcb, 0xe1,
                                           0x46, 0xce, 0xeb, 0x79, 0xac, 0x1c, 0xb4, 0x85, 0xed, 0x5f, 0x5b,
                                           0x37, 0x91, 0x3a, 0x8c, 0xf5, 0x85, 0x7e, 0xff, 0x00, 0xa9};
/* TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb */
static const u8 TOKEN_2022_KEY[PUBKEY_BYTES] = {0x06, 0xdd, 0xf6, 0xe1, 0xee, 0x75, 0x8f, 0xde, 0x18, 0x42, 0x5d,
                                                0xbc, 0xe4, 0x6c, 0xcd, 0xda, 0xb6, 0x1a, 0xfc, 0x4d, 0x83, 0xb9,
                                                0x0d, 0x27, 0xfe, 0xbd, 0xf9, 0x28, 0xd8, 0xa1, 0x8b, 0xfc};

INLINE int is_token_program(const u8 *key) { return is_same_key(key, TOKEN_KEY) || is_same_key(key, TOKEN_2022_KEY); }

/* Interface<TokenInterface>. */
static NOINLINE u64 check_token_program(const Account *program) {
  if (!is_token_program(program->key)) return ANCHOR_INVALID_PROGRAM_ID;
  return program->is_executable ? 0 : ANCHOR_NOT_A_PROGRAM;
}

INLINE u64 check_token_owner(const Account *account) {
  if (is_same_key(account->owner, SYSTEM_PROGRAM_KEY) && *account->lamports == 0) return ANCHOR_NOT_INITIALIZED;
  return is_token_program(account->owner) ? 0 : ANCHOR_FOREIGN_OWNER;
}

/* Whether an optional field begins with the tag of none or of some. */
INLINE int is_option(const u8 *data) { return load_u32(data) <= 1; }

/* Behind the base bytes lie zeros up to the byte that names what is extended, and then the extensions. */
static NOINLINE u64 check_extensions(const Account *account, u64 base_bytes, enum ExtensionOwner owner) {
  u64 length = account->data_length;
  if (length == base_bytes) return 0;
  if (length < base_bytes || length == MULTISIG_BYTES) return INVALID_ACCOUNT_DATA;
  if (length < EXTENSIONS_AT) return INVALID_ACCOUNT_DATA;
  for (u64 i = base_bytes; i < EXTENSION_TYPE_AT; i++)
    if (account->data[i]) return INVALID_ACCOUNT_DATA;
  return account->data[EXTENSION_TYPE_AT] == owner ? 0 : INVALID_ACCOUNT_DATA;
}

/* InterfaceAccount<TokenAccount>. */
static NOINLINE u64 check_token_account(const Account *account) {
  u64 error = check_token_owner(account);
  if (error) return error;
  const u8 *data = account->data;
  if (account->data_length < TOKEN_ACCOUNT_BYTES || account->data_length == MULTISIG_BYTES) return INVALID_ACCOUNT_DATA;
  if (!is_option(data + TOKEN_ACCOUNT_DELEGATE) || !is_option(data + TOKEN_ACCOUNT_NATIVE)) return INVALID_ACCOUNT_DATA;
  if (!is_option(data + TOKEN_ACCOUNT_CLOSE_AUTHORITY) || data[TOKEN_ACCOUNT_STATE] > 2) return INVALID_ACCOUNT_DATA;
  if (data[TOKEN_ACCOUNT_STATE] == 0) return UNINITIALIZED_ACCOUNT;
  return check_extensions(account, TOKEN_ACCOUNT_BYTES, EXTENDS_ACCOUNT);
}

/* InterfaceAccount<Mint>. */
static NOINLINE u64 check_mint(const Account *account) {
  u64 error = check_token_owner(account);
  if (error) return error;
  const u8 *data = account->data;
  if (account->data_length < MINT_BYTES || account->data_length == MULTISIG_BYTES) return INVALID_ACCOUNT_DATA;
  if (!is_option(data) || !is_option(data + MINT_FREEZE_AUTHORITY)) return INVALID_ACCOUNT_DATA;
  if (data[MINT_INITIALIZED] > 1) return INVALID_ACCOUNT_DATA;
  if (data[MINT_INITIALIZED] == 0) return UNINITIALIZED_ACCOUNT;
  return check_extensions(account, MINT_BYTES, EXTENDS_MINT);
}

typedef struct {
  u64 maximum;
  /* 0 where the mint takes no fee. */
  u64 basis_points;
} TransferFee;

/* The fee of a mint in an epoch. Extensions are a type, a length and so many bytes each. */
static NOINLINE void read_transfer_fee(TransferFee *fee, const Account *mint, u64 epoch) {
  fee->maximum = 0;
  fee->basis_points = 0;
  if (is_same_key(mint->owner, TOKEN_KEY)) return;
  for (u64 at = EXTENSIONS_AT; at + 4 <= mint->data_length;) {
    u64 type = load_u16(mint->data + at), length = load_u16(mint->data + at + 2);
    const u8 *value = mint->data + at + 4;
    at += 4 + length;
    if (type == 0 || at > mint->data_length) return;
    if (type != TRANSFER_FEE_CONFIG) continue;
    if (length != TRANSFER_FEE_CONFIG_BYTES) return;
    /* Two authorities, the withheld amount, then the older and the newer fee: epoch, maximum, basis points. */
    const u8 *older = value + 72, *newer = value + 90;
    const u8 *current = epoch >= load_u64(newer) ? newer : older;
    fee->maximum = load_u64(current + 8);
    fee->basis_points = load_u16(current + 16);
    return;
  }
}

/* What is withheld when `amount` is sent. Returns 1 where the fee would be more than the amount can hold. */
static NOINLINE int transfer_fee_of(u64 *withheld, const TransferFee *fee, u64 amount) {
  u64 factors[2] = {amount, fee->basis_points};
  if (multiply_divide(withheld, factors, TRANSFER_FEE_BASIS_POINTS, ROUND_UP)) return 1;
  if (fee->basis_points && *withheld > fee->maximum) *withheld = fee->maximum;
  return 0;
}

/* What must be sent so that `net` arrives. Returns 1 where that does not fit 64 bits. */
static NOINLINE int amount_before_transfer_fee(u64 *sent, const TransferFee *fee, u64 net) {
  *sent = net;
  if (fee->basis_points == 0 || net == 0) return 0;
  if (fee->basis_points < TRANSFER_FEE_BASIS_POINTS) {
    Wide scaled, amount, factor, divisor;
    wide_set(&amount, net);
    wide_set(&factor, TRANSFER_FEE_BASIS_POINTS);
    wide_set(&divisor, TRANSFER_FEE_BASIS_POINTS - fee->basis_points);
    if (wide_multiply_divide(&scaled, &amount, &factor, &divisor, ROUND_UP)) return 1;
    wide_subtract(&amount, &scaled, &amount);
    wide_set(&factor, fee->maximum);
    if (wide_is_less(&amount, &factor)) {
      *sent = scaled.limb[0];
      return !wide_fits_u64(&scaled);
    }
  }
  return add_checked(sent, fee->maximum);
}

/*
 * What a mint withholds when `net` is to arrive, as Raydium's programs compute it for exact outputs; an amount beyond 64
 * bits is a panic. Returns 1 where no amount leaves exactly `net`.
 */
static NOINLINE int inverse_transfer_fee(u64 *withheld, const TransferFee *fee, u64 net) {
  *withheld = 0;
  if (fee->basis_points == TRANSFER_FEE_BASIS_POINTS) {
    *withheld = fee->maximum;
    return 0;
  }
  u64 sent, check, total = net;
  if (amount_before_transfer_fee(&sent, fee, net)) panic();
  if (transfer_fee_of(withheld, fee, sent)) panic();
  if (add_checked(&total, *withheld)) panic();
  if (transfer_fee_of(&check, fee, total)) panic();
  return check != *withheld;
}

#endif
