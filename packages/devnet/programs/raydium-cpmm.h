/* Wire format of Raydium's CPMM: instructions, accounts, layouts and errors. Offsets are in bytes. */
#ifndef RAYDIUM_CPMM_H
#define RAYDIUM_CPMM_H

#include "integers.h"

/* The first eight bytes of the instruction data, read as a little-endian number. */
#define SWAP_BASE_INPUT 0xde331ec4da5abe8fULL
#define SWAP_BASE_OUTPUT 0xadb44aa35662d937ULL

enum AccountIndex {
  PAYER,
  AUTHORITY,
  AMM_CONFIG,
  POOL_STATE,
  USER_IN,
  USER_OUT,
  VAULT_IN,
  VAULT_OUT,
  TOKEN_PROGRAM_IN,
  TOKEN_PROGRAM_OUT,
  MINT_IN,
  MINT_OUT,
  OBSERVATION,
  ACCOUNT_COUNT,
};

#define POOL_DISCRIMINATOR 0x46dec3d7f5e3edf7ULL
#define POOL_BYTES 637
enum PoolOffset {
  POOL_CONFIG = 8,
  POOL_VAULT_0 = 72,
  POOL_VAULT_1 = 104,
  POOL_MINT_0 = 168,
  POOL_TOKEN_PROGRAM_0 = 232,
  POOL_OBSERVATION = 296,
  POOL_AUTHORITY_BUMP = 328,
  POOL_STATUS = 329,
  POOL_PROTOCOL_FEES_0 = 341,
  POOL_FUND_FEES_0 = 357,
  POOL_OPEN_TIME = 373,
  POOL_RECENT_EPOCH = 381,
  POOL_CREATOR_FEE_ON = 389,
  POOL_CREATOR_FEE_ENABLED = 390,
  POOL_CREATOR_FEES_0 = 397,
};
#define STATUS_SWAP_DISABLED 4

enum CreatorFeeOn { CREATOR_FEE_ON_INPUT, CREATOR_FEE_ON_TOKEN_0, CREATOR_FEE_ON_TOKEN_1 };

#define CONFIG_DISCRIMINATOR 0x6f2bcbcb6821f4daULL
#define CONFIG_BYTES 236
enum ConfigOffset {
  CONFIG_TRADE_RATE = 12,
  CONFIG_PROTOCOL_RATE = 20,
  CONFIG_FUND_RATE = 28,
  CONFIG_CREATOR_RATE = 108,
};
#define RATE_DENOMINATOR 1000000

enum CpmmError {
  CPMM_NOT_APPROVED = 6000,
  CPMM_EXCEEDED_SLIPPAGE = 6005,
  CPMM_ZERO_TRADING_TOKENS = 6006,
  CPMM_UNSUPPORTED_MINT = 6007,
  CPMM_MATH_OVERFLOW = 6011,
  CPMM_INSUFFICIENT_VAULT = 6012,
  CPMM_INVALID_FEE_MODEL = 6013,
};

static const u8 AUTHORITY_SEED[] = "vault_and_lp_mint_auth_seed";
/* GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL */
static const u8 AUTHORITY_KEY[32] = {0xeb, 0x00, 0xd9, 0xf5, 0xb2, 0x92, 0xb4, 0x21, 0x4a, 0xc7, 0xd0,
                                     0x37, 0xb4, 0xd6, 0xf0, 0x64, 0x50, 0xb9, 0x64, 0x60, 0x0d, 0xf3,
                                     0x73, 0x05, 0x2b, 0xb5, 0xe8, 0x4f, 0x2f, 0x8e, 0x9a, 0x67};

#endif
